"""The tables of the registry's database.

Columns that end in `_key` hold text in case-folded form for searching. Everything that a request can change
lies here and nowhere else, so that a restored copy restores everything.
"""

from __future__ import annotations

import hashlib

REFERENCE = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE authorities (authority INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE users (
  user INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, role TEXT NOT NULL, national INTEGER NOT NULL,
  areas TEXT NOT NULL, vetted_on TEXT, trained INTEGER NOT NULL, agreed INTEGER NOT NULL,
  suspended INTEGER NOT NULL, accredited INTEGER NOT NULL, leaves_on TEXT,
  family_name TEXT NOT NULL, organisation INTEGER, manager INTEGER, address INTEGER);
CREATE TABLE organisations (
  organisation INTEGER PRIMARY KEY, name TEXT NOT NULL, authority INTEGER, accredited INTEGER NOT NULL);
CREATE TABLE addresses (
  address INTEGER PRIMARY KEY, house TEXT, street TEXT, locality TEXT, postcode TEXT,
  house_key TEXT, postcode_key TEXT);
CREATE TABLE schools (school INTEGER PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL);
CREATE TABLE practices (practice INTEGER PRIMARY KEY, name TEXT NOT NULL, phone TEXT, name_key TEXT NOT NULL);
CREATE TABLE children (
  child INTEGER PRIMARY KEY, number TEXT NOT NULL, given_name TEXT NOT NULL, middle_name TEXT,
  family_name TEXT NOT NULL, gender TEXT NOT NULL, date_of_birth TEXT NOT NULL, address INTEGER,
  school INTEGER, practice INTEGER, responsible INTEGER NOT NULL, shielded INTEGER NOT NULL,
  shielded_since TEXT,
  contacts_protected INTEGER NOT NULL, archive_year INTEGER NOT NULL, caf_holder TEXT, lead_professional TEXT,
  updated TEXT, given_key TEXT NOT NULL, family_key TEXT NOT NULL,
  address_since TEXT, statement TEXT, school_since TEXT,
  caf_holder_phone TEXT, caf_holder_user INTEGER,
  lead_professional_phone TEXT, lead_professional_user INTEGER);
CREATE TABLE former_addresses (child INTEGER NOT NULL, address INTEGER NOT NULL, since TEXT, until TEXT);
CREATE TABLE user_names (user INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE former_names (
  child INTEGER NOT NULL, given_name TEXT, family_name TEXT, until TEXT, family_key TEXT);
CREATE TABLE carers (
  carer INTEGER PRIMARY KEY, name TEXT NOT NULL, phone TEXT, email TEXT,
  name_key TEXT NOT NULL, phone_key TEXT, email_key TEXT);
CREATE TABLE child_carers (child INTEGER NOT NULL, carer INTEGER NOT NULL, relation TEXT);
CREATE TABLE services (
  child INTEGER NOT NULL, kind TEXT, provider TEXT, phone TEXT, sensitive INTEGER NOT NULL,
  service TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))), since TEXT);
CREATE TABLE involvements (
  user INTEGER NOT NULL, child INTEGER NOT NULL, PRIMARY KEY (user, child)) WITHOUT ROWID;
"""

STATE = """
CREATE TABLE accounts (
  user INTEGER PRIMARY KEY, password TEXT NOT NULL, nonce BLOB NOT NULL, last_step INTEGER NOT NULL);
CREATE TABLE sessions (
  session INTEGER PRIMARY KEY AUTOINCREMENT, token BLOB NOT NULL UNIQUE, user INTEGER NOT NULL UNIQUE,
  ends TEXT NOT NULL, used TEXT NOT NULL);
CREATE TABLE desks (session INTEGER PRIMARY KEY, agent BLOB NOT NULL, before BLOB, turned TEXT NOT NULL);
CREATE TABLE given (
  session INTEGER NOT NULL, number TEXT NOT NULL, PRIMARY KEY (session, number)) WITHOUT ROWID;
CREATE TABLE declared (
  session INTEGER NOT NULL, number TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (session, number)) WITHOUT ROWID;
CREATE INDEX given_number ON given (number);
CREATE INDEX declared_number ON declared (number);
CREATE TABLE overrides (
  session INTEGER PRIMARY KEY, number TEXT NOT NULL, reason TEXT NOT NULL, ends TEXT NOT NULL);
CREATE TABLE unshields (
  child INTEGER NOT NULL, user INTEGER NOT NULL, review_on TEXT,
  PRIMARY KEY (child, user)) WITHOUT ROWID;
CREATE TABLE shield_standing (
  child INTEGER PRIMARY KEY, standing TEXT NOT NULL, since TEXT NOT NULL, review_on TEXT NOT NULL,
  told INTEGER NOT NULL);
CREATE TABLE shield_requests (
  child INTEGER NOT NULL, user INTEGER NOT NULL, PRIMARY KEY (child, user)) WITHOUT ROWID;
CREATE TABLE shield_events (
  event INTEGER PRIMARY KEY, child INTEGER NOT NULL, user INTEGER NOT NULL, kind TEXT NOT NULL,
  ground TEXT NOT NULL, reason TEXT NOT NULL, child_view TEXT, review_on TEXT, time TEXT NOT NULL);
CREATE INDEX shield_events_child ON shield_events (child);
CREATE TABLE threats (
  user INTEGER NOT NULL, child INTEGER NOT NULL, PRIMARY KEY (user, child)) WITHOUT ROWID;
CREATE INDEX threats_child ON threats (child);
CREATE TABLE superseded (number TEXT PRIMARY KEY, survivor TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX superseded_survivor ON superseded (survivor);
CREATE TABLE merges (
  child INTEGER NOT NULL, survivor INTEGER NOT NULL, user INTEGER NOT NULL,
  PRIMARY KEY (child, survivor, user)) WITHOUT ROWID;
CREATE TABLE moves (child INTEGER PRIMARY KEY, authority INTEGER NOT NULL);
-- A threat to a child is one to every other child of its carers, who lead to it.
CREATE VIEW threatening AS SELECT user, child FROM threats UNION ALL
  SELECT t.user, other.child FROM threats t JOIN child_carers mine ON mine.child = t.child
    JOIN child_carers other ON other.carer = mine.carer;
CREATE VIEW areas_of_users AS SELECT u.user, a.authority FROM users u JOIN authorities a
  ON u.national OR instr(' ' || u.areas || ' ', ' ' || a.authority || ' ');
CREATE TABLE log (
  sequence INTEGER PRIMARY KEY, time TEXT NOT NULL, user TEXT NOT NULL, operation TEXT NOT NULL,
  query TEXT NOT NULL, results TEXT NOT NULL, status INTEGER NOT NULL, request_id TEXT NOT NULL,
  on_behalf_of TEXT NOT NULL, hash BLOB NOT NULL);
CREATE TABLE alerts (
  sequence INTEGER PRIMARY KEY, time TEXT NOT NULL, kind TEXT NOT NULL, user TEXT NOT NULL,
  child TEXT NOT NULL, request_id TEXT NOT NULL);
CREATE TABLE service_entries (
  service TEXT PRIMARY KEY, child INTEGER NOT NULL, user INTEGER NOT NULL, time TEXT NOT NULL,
  consent TEXT, consented_on TEXT, harm TEXT) WITHOUT ROWID;
CREATE INDEX service_entries_child ON service_entries (child);
CREATE TABLE withdrawn (child INTEGER NOT NULL, salt BLOB NOT NULL, digest BLOB NOT NULL, day TEXT NOT NULL);
CREATE INDEX withdrawn_child ON withdrawn (child);
CREATE TABLE brokering (
  sequence INTEGER PRIMARY KEY, request TEXT NOT NULL UNIQUE, number TEXT NOT NULL, user INTEGER NOT NULL,
  kind TEXT NOT NULL, reason TEXT NOT NULL, time TEXT NOT NULL, state TEXT NOT NULL,
  answered_by INTEGER, answered TEXT);
CREATE INDEX brokering_open ON brokering (sequence) WHERE state = 'open';
CREATE INDEX brokering_user ON brokering (user);
CREATE INDEX brokering_number ON brokering (number);
CREATE TABLE exports (
  export TEXT PRIMARY KEY, user INTEGER NOT NULL, columns TEXT NOT NULL, filters TEXT NOT NULL,
  purpose TEXT NOT NULL, ground TEXT, asked TEXT NOT NULL, ends TEXT NOT NULL, taken TEXT);
CREATE TABLE export_approvals (
  export TEXT NOT NULL, user INTEGER NOT NULL, time TEXT NOT NULL, PRIMARY KEY (export, user)) WITHOUT ROWID;
CREATE TABLE alert_answers (
  alert INTEGER PRIMARY KEY, time TEXT NOT NULL, username TEXT NOT NULL, finding TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE unmasked (
  session INTEGER NOT NULL, reference TEXT NOT NULL, PRIMARY KEY (session, reference)) WITHOUT ROWID;
CREATE TABLE activity (
  user INTEGER NOT NULL, minute INTEGER NOT NULL, reads INTEGER NOT NULL, misses INTEGER NOT NULL,
  claims INTEGER NOT NULL, blanks INTEGER NOT NULL, PRIMARY KEY (user, minute)) WITHOUT ROWID;
CREATE TABLE suspensions (
  suspension INTEGER PRIMARY KEY, user INTEGER NOT NULL, officer INTEGER NOT NULL, ground TEXT NOT NULL,
  time TEXT NOT NULL, lifted_by INTEGER, lifted_for TEXT, lifted_at TEXT);
CREATE INDEX suspensions_user ON suspensions (user);
CREATE TABLE notices (
  notice INTEGER PRIMARY KEY, to_user INTEGER NOT NULL, about INTEGER NOT NULL, kind TEXT NOT NULL,
  ground TEXT NOT NULL, time TEXT NOT NULL);
CREATE INDEX notices_to ON notices (to_user);
CREATE TABLE failures (user INTEGER NOT NULL, time TEXT NOT NULL);
CREATE INDEX failures_user ON failures (user);
CREATE TABLE lockouts (user INTEGER PRIMARY KEY, until TEXT NOT NULL);
CREATE TABLE mediations (
  mediation INTEGER PRIMARY KEY AUTOINCREMENT, token BLOB NOT NULL UNIQUE, session INTEGER NOT NULL,
  caller INTEGER NOT NULL, ends TEXT NOT NULL);
CREATE INDEX mediations_session ON mediations (session);
CREATE INDEX mediations_caller ON mediations (caller);
CREATE TABLE throttle (
  user INTEGER PRIMARY KEY, minute INTEGER NOT NULL, misses INTEGER NOT NULL, hour INTEGER NOT NULL,
  reads INTEGER NOT NULL, enumeration_told INTEGER NOT NULL, volume_told INTEGER NOT NULL);
"""

INDEXES = """
CREATE UNIQUE INDEX children_number ON children (number);
CREATE INDEX children_family ON children (family_key, given_key, date_of_birth);
CREATE INDEX children_given ON children (given_key);
CREATE INDEX children_birth ON children (date_of_birth, family_key, given_key);
CREATE INDEX children_address ON children (address);
CREATE INDEX children_school ON children (school);
CREATE INDEX children_practice ON children (practice);
CREATE INDEX children_responsible ON children (responsible);
CREATE INDEX addresses_postcode ON addresses (postcode_key);
CREATE INDEX addresses_house ON addresses (house_key);
CREATE INDEX schools_name ON schools (name_key);
CREATE INDEX practices_name ON practices (name_key);
CREATE INDEX former_names_child ON former_names (child);
CREATE INDEX former_addresses_child ON former_addresses (child);
CREATE INDEX former_names_family ON former_names (family_key);
CREATE INDEX carers_name ON carers (name_key);
CREATE INDEX carers_phone ON carers (phone_key);
CREATE INDEX carers_email ON carers (email_key);
CREATE INDEX child_carers_child ON child_carers (child, carer);
CREATE INDEX child_carers_carer ON child_carers (carer, child);
CREATE INDEX involvements_child ON involvements (child);
CREATE INDEX users_organisation ON users (organisation);
CREATE INDEX services_child ON services (child);
CREATE INDEX alerts_user ON alerts (user, kind, time);
CREATE INDEX log_signed_in ON log (user, time) WHERE operation = 'sign_in' AND status = 201;
CREATE INDEX shield_standing_review ON shield_standing (review_on);
ANALYZE;
"""

LAYOUT = hashlib.sha256((REFERENCE + STATE + INDEXES).encode()).hexdigest()[:16]
"""Of all tables and indexes: a database of another layout is another version's."""


def key(text: str) -> str:
    """Text as it is compared in a search: without regard to case."""
    return text.casefold()
