"""England's children in May 2009, when the first practitioners were given access: what we decided, and why.

Figures with a key in brackets rest on `data/SOURCES.md`; the rest are modelling choices, and say so.
All shares are met exactly, by quota. The mechanism is `overreach.population.childindex`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from overreach.population.childindex.builder import index_of_children
from overreach.population.childindex.judgement import Judgement, Posts, Role, Schooling, Service, Workplace
from overreach.population.sampling import Quota

# Weights are accounts, of 330,000. No split of them was ever published; what stands in for them are posts in England
# where they could be counted (workforce.csv, whose notes say where it is people or England and Wales), and the rest
# is a modelling choice (*), chosen so that all add up. Ages are those that a post mostly works with (modelling choice).
EDUCATION = (
    Role("head_teacher", "education", 21_800, workplace=Workplace.SCHOOL, ages=(4, 17)),
    Role("school_administrator", "education", 30_558, workplace=Workplace.SCHOOL, ages=(4, 17)),  # *
    Role("senco", "education", 21_800, workplace=Workplace.SCHOOL, ages=(4, 17)),  # * one for each head teacher
    Role("education_welfare_officer", "education", 5_000, ages=(5, 16)),
    Role("educational_psychologist", "education", 2_352, ages=(3, 17)),
    Role("early_years_worker", "education", 3_151, ages=(0, 5)),  # leads of children's centres
)
HEALTH = (
    Role("general_practitioner", "health", 33_364, workplace=Workplace.PRACTICE),
    Role("practice_administrator", "health", 16_600, workplace=Workplace.PRACTICE),  # * two for each practice
    Role("practice_nurse", "health", 22_860, workplace=Workplace.PRACTICE),
    Role("health_visitor", "health", 10_830, ages=(0, 5)),
    Role("school_nurse", "health", 3_643, ages=(4, 17)),
    Role("midwife", "health", 24_723, ages=(0, 1)),
    Role("camhs_practitioner", "health", 9_000, ages=(5, 17)),  # *
)
SOCIAL_CARE = (
    Role("social_worker", "social care", 18_500),
    Role("child_protection_worker", "social care", 9_000, overrides=True),  # *
    Role("family_support_worker", "social care", 28_200),  # all other staff of social care, roughly
)
YOUTH_AND_JUSTICE = (
    Role("connexions_adviser", "youth and justice", 7_252, ages=(13, 19)),
    Role("youth_offending_worker", "youth and justice", 17_283, ages=(10, 17)),
    Role("police_child_protection_officer", "youth and justice", 6_000, overrides=True),  # *
    Role("police_employee", "youth and justice", 24_000),  # *
    Role("probation_officer", "youth and justice", 7_884, ages=(16, 25)),
    Role("fire_strategy_officer", "youth and justice", 300),  # * two for each authority on average
)
VOLUNTARY = (Role("national_partner_worker", "voluntary", 5_000, Posts.NATIONAL, practitioner=False),)  # *
OPERATORS = (
    # Two vetted officers for each authority did the shielding in January 2009 [W17].
    Role("management_team", "operators", 300, Posts.EACH, practitioner=False, shields=True),
    Role("data_manager", "operators", 300, Posts.ARCHIVE, practitioner=False),  # *
    Role("central_team", "operators", 100, Posts.NATIONAL, practitioner=False),  # *
    Role("system_supplier", "operators", 100, Posts.NATIONAL, practitioner=False),  # *
    Role("helpdesk_mediator", "operators", 100, Posts.NATIONAL, practitioner=False),  # *
)

JUDGEMENT = Judgement(
    as_of=date(2009, 5, 18),  # modelling choice: the first practitioners had access from that month [W17]
    #
    # GROUND. 150 children's services authorities [H1]. Modelling choices: areas of police and health are those of the
    # authorities, and a small world has fewer of them rather than thinner ones, by these numbers.
    most_authorities=150,
    children_per_authority=50,
    users_per_authority=13,
    least_authorities=4,
    smallest_authority=20_000,
    households_per_street=25,  # modelling choice
    #
    # FAMILIES. Sizes of families [H2], ages and sexes (ages.csv), first languages (languages.csv).
    # Shares of children [H5], [H7], taken for shares of families.
    family_types=(("two parents", 76), ("lone mother", 22), ("lone father", 2)),
    gaps=(1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 6, 0),  # modelling choice
    mother_older_by=(18, 40),  # modelling choice
    double_surnames=2,  # modelling choice
    mother_keeps_name=30,  # modelling choice
    step_fathers=Quota(1_000),  # over a tenth of children live in step-families [H7]; of families, a modelling choice
    absent_fathers=Quota(1_200),  # modelling choice: how often a record names the father who lives elsewhere
    half_siblings=Quota(100, at_least=4),  # modelling choice
    middle_names=60,  # modelling choice
    movers=Quota(50, at_least=4),  # modelling choice: records in mid-handover at any time
    movers_hidden=Quota(100, at_least=1),  # modelling choice
    former_addresses=Quota(2_000, at_least=8),  # modelling choice
    former_addresses_hidden=Quota(4_000, at_least=2),  # modelling choice: families in hiding have left somewhere
    whereabouts_statements=Quota(20, at_least=1),  # modelling choice: the law lists the kinds, nobody counted them
    #
    # RECORDS.
    # At least 51,100 by January 2010 [H21], requests among them; that they stood in May 2009 is a modelling choice.
    shielded=Quota(51_100, at_least=16, per=11_000_000),
    shielded_beside_sibling=15,  # modelling choice: the shield is decided record by record (R10)
    shielded_pairs=12,  # modelling choice
    shielding_began=date(2009, 1, 26),  # officials had access from January 2009 [W17]; the day is a choice
    # An index of 2009 had no archive of six years: it is here so that rule R15 can be asked about (modelling choice).
    archived=Quota(100, at_least=7),
    archived_shielded=Quota(300, at_least=2),  # modelling choice
    staying=Quota(10, at_least=3),  # modelling choice (R16)
    looked_after=Quota(54, at_least=3),  # 60,900 in March 2009 [H8]
    adopted=Quota(50, at_least=4),  # derived: about 3,300 a year [H8], over a childhood
    former_names=Quota(300, at_least=12),  # modelling choice
    former_names_shielded=Quota(1_000, at_least=3),  # modelling choice: families in hiding change their names
    homonyms=Quota(10, at_least=2),  # modelling choice
    hostile_names=Quota(2, at_least=2),  # modelling choice
    hostile_any_script=False,
    delivered_variants=Quota(1, at_least=2),  # modelling choice
    caf=Quota(200, at_least=4),  # modelling choice: no national figure was found
    lead_professional=Quota(100, at_least=4),  # modelling choice: no national figure was found
    indicators_hidden=Quota(200, at_least=1),  # modelling choice
    #
    # INSTITUTIONS AND SERVICES. So many pupils each that England has the schools of 2015, 24,317 [C2], for want of a
    # count by type of 2009 (25,300 in all in 2005 [C5]), and the practices of 2007, 8,261 [C9]: fitted to that.
    primary_pupils_per_school=222,
    secondary_pupils_per_school=1_200,
    children_per_practice=1_325,
    services=Quota(1_500),  # modelling choice
    sensitive_services=Quota(100, at_least=6),  # modelling choice: never published
    sensitive_from_age=12,  # modelling choice: old enough to consent (R3)
    sensitive_hidden=Quota(300, at_least=2),  # modelling choice
    service_kinds=(
        Service("children's centre"),
        Service("speech and language therapy"),
        Service("educational support"),
        Service("youth service"),
        Service("family support"),
        Service("sexual health", sensitive=True),
        Service("mental health", sensitive=True),
        Service("substance misuse", sensitive=True),
    ),
    #
    # USERS.
    roles=EDUCATION + HEALTH + SOCIAL_CARE + YOUTH_AND_JUSTICE + VOLUNTARY + OPERATORS,
    least_per_role=12,  # modelling choice: every role must be audited
    managers_per_authority=2,  # [W17]
    account_states=Quota(150, at_least=2),  # modelling choice: leavers, suspended, ... each
    several_areas=Quota(200, at_least=2),  # modelling choice
    leaving_later=Quota(200, at_least=2),  # modelling choice
    known_homes=Quota(2_000),  # modelling choice
    involvements=(0, 1, 1, 2, 2, 2, 3, 3, 4, 5),  # modelling choice
    involved_elsewhere=Quota(300, at_least=4),  # modelling choice
    user_cohorts=Quota(30, at_least=3),  # modelling choice
    further_schools=(  # modelling choice: the shares; pupils, so that there are as many schools as were counted [C2]
        Schooling("nursery", (3, 4), of_1_000=60, pupils_each=180),
        Schooling("special", (5, 17), of_1_000=13, pupils_each=75),
        Schooling("independent", (5, 17), of_1_000=70, pupils_each=245),
    ),
    users_per_organisation=100,  # modelling choice
    shared_tokens=Quota(20, at_least=2),  # modelling choice: it happened, nobody knows how often
    caseloads=(1, 1, 1, 2, 2, 4),  # modelling choice
)

recipe = index_of_children("england", JUDGEMENT, Path(__file__).parent / "data")
