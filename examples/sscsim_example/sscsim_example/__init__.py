"""A plug-in for sscsim: what it adds, in one value."""

from pathlib import Path

from sscsim.plugins import Plugin
from sscsim_example.jsonlines import JsonLines
from sscsim_example.measures import median_travellers
from sscsim_example.travel import Travel

HERE = Path(__file__).parent

plugin = Plugin(
    title="Travellers, who follow income",
    steps=(Travel,),
    parameters=HERE / "parameters",
    indicators=HERE / "indicators.yaml",
    functions=(median_travellers,),
    formats=(JsonLines,),
)
