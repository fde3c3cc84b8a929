"""What a session of the dashboard asks the model for: one value that can be compared, hashed and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sscsim.errors import InputError, outside, unknown
from sscsim.experiments.members import Member
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.page.sliders import sliders
from sscsim.policy import Scenario, load_scenario
from sscsim.settings import RunSettings, seed_of
from sscsim.steps.plan import PLAN, without

__all__ = ["BASELINE", "Asked"]

BASELINE = "baseline"
"""The scenario that others are compared with."""


@dataclass(frozen=True)
class Asked:
    """What is asked for. Two are equal when they ask for the same.

    Attributes
    ----------
    scenario
        Name of the scenario that levers are laid over, or path of its file.
    levers
        Sliders by name and setting, those at their default left out.
    off
        Names of the steps that are switched off.
    seed
        Master seed.
    parameters
        ``central``, ``tables``, ``draw:N``, a file or a fit's folder.
    end
        Last year.
    """

    scenario: str = BASELINE
    levers: tuple[tuple[str, float], ...] = ()
    off: tuple[str, ...] = ()
    seed: int = 1
    parameters: str = "central"
    end: int = LAST_YEAR

    @classmethod
    def of(
        cls,
        scenario: str = BASELINE,
        levers: Mapping[str, float] | None = None,
        *,
        off: Sequence[str] = (),
        seed: str | float = 1,
        parameters: str = "central",
        end: int = LAST_YEAR,
    ) -> Asked:
        """Return what is asked for, in the one form that each wish has.

        Raises
        ------
        InputError
            For a lever, step or seed that there is not, or a setting beyond its ends.
        """
        table = sliders().table
        moved = {name: float(value) for name, value in (levers or {}).items()}
        sliders().check(moved)
        if not FIRST_YEAR <= end <= LAST_YEAR:
            raise outside("the last year", end, FIRST_YEAR, LAST_YEAR, whole=True, key="end")
        without(PLAN, off)
        return cls(
            scenario,
            tuple(
                (name, moved[name])
                for name in table
                if name in moved and moved[name] != table[name].default
            ),
            tuple(step.name for step in PLAN if step.name in off),
            seed_of(seed),
            parameters.strip() or "central",
            end,
        )

    def with_lever(self, name: str, value: float) -> Asked:
        """Return the same with a lever moved; at its default it is let go."""
        return Asked.of(
            self.scenario,
            {**dict(self.levers), name: value},
            off=self.off,
            seed=self.seed,
            parameters=self.parameters,
            end=self.end,
        )

    def switched(self, step: str, *, on: bool) -> Asked:
        """Return the same with a step switched on or off."""
        names = [kind.name for kind in PLAN]
        if step not in names:
            raise unknown("step of this name", step, names, key="off")
        off = {*self.off} - {step} if on else {*self.off, step}
        return replace(self, off=tuple(name for name in names if name in off))

    def baseline(self, *, same_steps: bool = False) -> Asked:
        """Return what it is compared with: the same seed and parameters, no levers, all steps unless told otherwise."""
        return replace(self, scenario=BASELINE, levers=(), off=self.off if same_steps else ())

    def resolved(self) -> Scenario:
        """Return the scenario with the levers laid over it; a lever that both set goes by the slider's word last.

        Raises
        ------
        InputError
            For a scenario that there is not.
        """
        under = load_scenario(self.scenario)
        if not self.levers:
            return under
        over = sliders().scenario(dict(self.levers))
        levers = {
            name: (*under.levers.get(name, ()), *over.levers.get(name, ()))
            for name in dict.fromkeys((*under.levers, *over.levers))
        }
        said = ", ".join(f"{name} {value:g}" for name, value in self.levers)
        return replace(
            under,
            name=f"{under.name}-levers",
            title={"en": f"{under.title.get('en', under.name)}, with {said}"},
            levers=levers,
            lineage=(*under.lineage, f"{under.name}-levers"),
            expects=(),
        )

    @cached_property
    def settings(self) -> RunSettings:
        """What the run is asked for; it keeps its indicators, everything else is watched."""
        return RunSettings(
            self.resolved(),
            seed=self.seed,
            end=self.end,
            parameters=self.parameters,
            off=self.off,
            keep="indicators",
        )

    @cached_property
    def key(self) -> str:
        """Hash of all that the answer depends on: model, data, values of parameters, scenario, seed, steps."""
        return Member(self.settings).key

    def command(self) -> str:
        """Return the command that runs the same model from a shell.

        Raises
        ------
        InputError
            Where levers are laid over another scenario than the baseline: there is no command for it.
        """
        tail = "".join(f" --off {step}" for step in self.off)
        tail += f" --seed {self.seed}" if self.seed != 1 else ""
        tail += f" --parameters {self.parameters}" if self.parameters != "central" else ""
        tail += f" --end {self.end}" if self.end != LAST_YEAR else ""
        if not self.levers:
            return f"sscsim run {self.scenario}{tail}"
        if self.scenario != BASELINE:
            raise InputError(
                "levers over another scenario have no command", key="scenario", found=self.scenario
            )
        setting = " ".join(f"{name}={value:g}" for name, value in self.levers)
        name = "page-setting.yaml"
        return f'sscsim page --setting "{setting}" --save {name} && sscsim run {name}{tail}'
