"""Institutions as data: banks, lenders, partners, bodies, funds, centres, corridors – a file each, read strictly.

One kind, one module: what a file of it holds (pydantic models whose numbers all have a range), and how its files are
laid over the countries of a world. *To lay* is to turn what a file says by name – of countries, groups, domains – into
arrays in the order of a world's countries. `schema` holds the words that the kinds share, `loading` the one reader of
files, `laying` what several kinds need to be laid.

A kind is added by a module here that declares its `Kind` as ``KIND``, and a folder of files in ``sscsim/institutions``.
"""

from __future__ import annotations

from sscsim.world.institutions.banks import Bank, Capital, Limits, Member, OpeningBalance, Window
from sscsim.world.institutions.bodies import Body, Training
from sscsim.world.institutions.centres import Centre
from sscsim.world.institutions.corridors import Corridor
from sscsim.world.institutions.figures import (
    Figure,
    draw_figures,
    figures_hash,
    figures_of,
    with_figures,
)
from sscsim.world.institutions.funds import Fund
from sscsim.world.institutions.lenders import Lender
from sscsim.world.institutions.loading import (
    InstitutionFiles,
    Kind,
    check_folder,
    kinds,
    load_institutions,
    read_institution,
)
from sscsim.world.institutions.partners import Partner
from sscsim.world.institutions.providers import Provider
from sscsim.world.institutions.schema import INFRASTRUCTURE, SECTORS_OF_LENDING

__all__ = [
    "INFRASTRUCTURE",
    "SECTORS_OF_LENDING",
    "Bank",
    "Body",
    "Capital",
    "Centre",
    "Corridor",
    "Figure",
    "Fund",
    "InstitutionFiles",
    "Kind",
    "Lender",
    "Limits",
    "Member",
    "OpeningBalance",
    "Partner",
    "Provider",
    "Training",
    "Window",
    "check_folder",
    "draw_figures",
    "figures_hash",
    "figures_of",
    "kinds",
    "load_institutions",
    "read_institution",
    "with_figures",
]
