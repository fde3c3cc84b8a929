"""Knowledge: needs meet offers, projects run, receivers learn (A/73/383, ¶19-32, 65-77, 83, 91).

A year in order. Every country asks for help in the domains where its Goals lag, as often as its capacity lets it: an
over-dispersed count. Each request *sees* some providers, by ties, shared bodies, published practices, platform, United
Nations support and partners, and ranks them by a random utility,

    U = w_a a(g) + w_s similarity + w_t tie + w_n nearness + w_z ln size + Gumbel,

with *size* the number of projects that the provider can run – it stands for many offers, and the best of many is better
(McFadden 1978, in Karlqvist et al., Spatial Interaction Theory and Planning Models) – and with the absorption
``a(g) = (g / g*) exp(1 - g / g*)`` of a capability gap *g*: none where the provider is not ahead, most at g*, fading
where it is too far ahead (Cohen & Levinthal 1990; Nooteboom et al. 2007). Ranking all visible providers by one draw of
Gumbel noise is sampling them without replacement with logit probabilities (the Gumbel top-k trick; Yellott 1977), so
several requests of one country in one domain go to several providers. The match is worth making if U exceeds the cost
of arranging it. A third party adds to a pair what the pair lacks, ``lift · skill · (1 - quality)``, at a cost of its
own: it helps weak pairs most and carries some that would not have met the cost alone. Providers take the most valuable
requests until their people are busy; who is turned away asks the next on the list. Regional projects are born in bodies
with three members or more that ask in one domain, before countries ask one another; who leads is chosen among the
members that provide and have people left, by the same utility without tie and nearness.

A project runs one to four calendar years. Success closes a part of the receiver's gap, and strengthens the tie.

All functions are pure. Axes: country, domain (`sscsim.world.state.DOMAINS`), partner, body; draws are uniforms (or
Gumbel noise made from exponentials) of a shape fixed by the entities, so that no lever shifts another entity's draw.
Capability, similarity, ties, quality and absorption lie in [0, 1]; money is millions of current US dollars.
"""

from sscsim.flows.knowledge.beginning import (
    Conditions,
    Leaders,
    Willing,
    carry_on,
    project_years,
    regional_projects,
)
from sscsim.flows.knowledge.learning import (
    adjust,
    close_projects,
    cooperation_intensity,
    experience_step,
    fall_behind,
    goal_shares,
    learn,
    practices_step,
    project_luck,
    stopped,
    tie_step,
)
from sscsim.flows.knowledge.luck import (
    CodeLuck,
    Draws,
    PairLuck,
    ThirdLuck,
    code_luck,
    draw_lives,
    draw_of,
    draw_year,
    gumbel_of,
    uniform_of,
)
from sscsim.flows.knowledge.matching import (
    Candidates,
    Likeness,
    Matches,
    Offers,
    Requests,
    ThirdParties,
    join_partners,
    match,
)
from sscsim.flows.knowledge.parameters import (
    LARGEST_COUNT,
    LIST_LENGTH,
    LONGEST_PROJECT,
    REGIONAL_SLOTS,
    SMALLEST_REGIONAL,
    KnowledgeParameters,
)
from sscsim.flows.knowledge.projects import (
    BILATERAL,
    FAILED,
    MODALITIES,
    REGIONAL,
    REVERSE_LINKAGE,
    RUNNING,
    SUCCEEDED,
    TRIANGULAR,
    Projects,
    Taught,
    UnderWay,
)
from sscsim.flows.knowledge.requests import (
    funded_requests,
    grant_size,
    need_scale,
    needs,
    poisson,
    poisson_any,
    priority,
    request_mean,
)
from sscsim.flows.knowledge.sight import (
    Contacts,
    Record,
    Sight,
    Support,
    absorption,
    budget_squeeze,
    log_size,
    pair_quality,
    provider_limit,
    provider_room,
    similarity,
    standing_contacts,
    usual_offer,
    visibility_hazard,
)

__all__ = [
    "BILATERAL",
    "FAILED",
    "LARGEST_COUNT",
    "LIST_LENGTH",
    "LONGEST_PROJECT",
    "MODALITIES",
    "REGIONAL",
    "REGIONAL_SLOTS",
    "REVERSE_LINKAGE",
    "RUNNING",
    "SMALLEST_REGIONAL",
    "SUCCEEDED",
    "TRIANGULAR",
    "Candidates",
    "CodeLuck",
    "Conditions",
    "Contacts",
    "Draws",
    "KnowledgeParameters",
    "Leaders",
    "Likeness",
    "Matches",
    "Offers",
    "PairLuck",
    "Projects",
    "Record",
    "Requests",
    "Sight",
    "Support",
    "Taught",
    "ThirdLuck",
    "ThirdParties",
    "UnderWay",
    "Willing",
    "absorption",
    "adjust",
    "budget_squeeze",
    "carry_on",
    "close_projects",
    "code_luck",
    "cooperation_intensity",
    "draw_lives",
    "draw_of",
    "draw_year",
    "experience_step",
    "fall_behind",
    "funded_requests",
    "goal_shares",
    "grant_size",
    "gumbel_of",
    "join_partners",
    "learn",
    "log_size",
    "match",
    "need_scale",
    "needs",
    "pair_quality",
    "poisson",
    "poisson_any",
    "practices_step",
    "priority",
    "project_luck",
    "project_years",
    "provider_limit",
    "provider_room",
    "regional_projects",
    "request_mean",
    "similarity",
    "standing_contacts",
    "stopped",
    "tie_step",
    "uniform_of",
    "usual_offer",
    "visibility_hazard",
]
