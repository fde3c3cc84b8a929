"""Countries that decide otherwise: ``python cautious.py`` says what that does to output in 2020."""

from sscsim import simulate
from sscsim.agents import Country


class Cautious(Country):
    """Invests a tenth less of its income than the record says."""

    @classmethod
    def invest(cls, state):
        """Decide investment, bn 2015 USD, ``(country,)``."""
        return 0.9 * super().invest(state)


if __name__ == "__main__":
    usual = simulate("baseline", seed=1, end=2020)
    other = simulate("baseline", seed=1, end=2020, country_class=Cautious)
    least = [run.value("gdp", "World", 2020) for run in (other, usual)]
    print(f"Output of the world in 2020: {least[0]:,.0f} instead of {least[1]:,.0f} bn 2015 USD")
