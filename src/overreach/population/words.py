"""The words that invented streets, houses and institutions are made of."""

from __future__ import annotations

PLAIN = (
    "Alder", "Amber", "Apple", "Arrow", "Ash", "Aspen", "Badger", "Barley", "Beacon", "Beech", "Bell",
    "Birch", "Bluebell", "Bracken", "Bramble", "Briar", "Brook", "Broom", "Buttercup", "Cedar", "Chalk",
    "Cherry", "Clover", "Copper", "Coppice", "Cowslip", "Crane", "Curlew", "Cypress", "Daisy", "Damson",
    "Dove", "Elder", "Elm", "Falcon", "Fern", "Finch", "Fir", "Flint", "Fox", "Gorse", "Grange", "Hare",
    "Harvest", "Hawk", "Hawthorn", "Hazel", "Heather", "Heron", "Holly", "Hornbeam", "Iris", "Ivy", "Jay",
    "Juniper", "Kestrel", "Kingfisher", "Larch", "Lark", "Laurel", "Lilac", "Lily", "Lime", "Linden",
    "Linnet", "Magpie", "Mallard", "Maple", "Marigold", "Martin", "Meadow", "Medlar", "Mill", "Mulberry",
    "Nettle", "Nightingale", "Nut", "Oak", "Orchard", "Osprey", "Otter", "Owl", "Pear", "Pebble", "Pine",
    "Plover", "Plum", "Poplar", "Poppy", "Primrose", "Quarry", "Quince", "Raven", "Reed", "River", "Robin",
    "Rook", "Rowan", "Rush", "Rye", "Sage", "Sedge", "Sorrel", "Sparrow", "Spring", "Spruce", "Starling",
    "Stone", "Swallow", "Swan", "Swift", "Sycamore", "Tansy", "Teal", "Thistle", "Thorn", "Thrush",
    "Thyme", "Vetch", "Violet", "Wagtail", "Walnut", "Warbler", "Weir", "Wheat", "Willow", "Windmill",
    "Wren", "Yarrow", "Yew",
)  # fmt: skip
WAYS = (
    "Avenue", "Bank", "Close", "Court", "Crescent", "Drive", "Field", "Gardens", "Green", "Grove", "Hill",
    "Lane", "Mews", "Park", "Place", "Rise", "Road", "Row", "Square", "Street", "Terrace", "View", "Walk",
    "Way",
)  # fmt: skip
ENDINGS = (
    "beck", "bourne", "bridge", "by", "combe", "cote", "dale", "dene", "ditch", "field", "ford", "gate",
    "ham", "hurst", "ley", "mere", "stead", "stoke", "thorpe", "thwaite", "ton", "well", "wick", "worth",
)  # fmt: skip
HOUSES = (
    "House", "Cottage", "Lodge", "Villa", "Barn", "Court", "Gate", "View", "Croft", "Grange", "Mount",
    "Rest",
)  # fmt: skip
SITES = (
    "Bank", "Bridge", "Brow", "Common", "Corner", "Cross", "Dell", "Down", "Edge", "End", "Field", "Ford",
    "Gate", "Glen", "Green", "Heath", "Hill", "Hollow", "Lea", "Moor", "Park", "Ridge", "Side", "Spinney",
    "Top", "Vale", "View", "Way", "Well", "Wood",
)  # fmt: skip
SCHOOLS = {
    "primary": (
        "Primary School",
        "Infant and Junior School",
        "Community Primary School",
        "Church of England Primary School",
    ),
    "secondary": (
        "High School",
        "School",
        "Community College",
        "Academy",
        "Comprehensive School",
    ),
    "nursery": (
        "Nursery School",
        "Early Years Centre",
    ),
    "special": (
        "Special School",
        "Learning Centre",
        "Short Stay School",
    ),
    "independent": (
        "Preparatory School",
        "College",
        "Independent School",
    ),
}
PRACTICES = (
    "Surgery",
    "Medical Centre",
    "Health Centre",
    "Family Practice",
    "Group Practice",
)
ORGANISATIONS = {
    "education": (
        "Education Service",
        "Schools Partnership",
        "Learning Trust",
    ),
    "health": (
        "Primary Care Trust",
        "Children's Hospital",
        "Community Health Service",
    ),
    "social care": (
        "Children's Services",
        "Family Services",
        "Safeguarding Team",
    ),
    "youth and justice": (
        "Youth Service",
        "Youth Offending Team",
        "Constabulary",
        "Probation Area",
    ),
    "voluntary": (
        "Children's Trust",
        "Family Charity",
        "Young People's Fund",
    ),
    "operators": (
        "Records Office",
        "Management Team",
    ),
    "any": (
        "Project",
        "Centre",
        "Service",
    ),
}
