-- SPDX-License-Identifier: MIT
-- Rules that ended stay as the audit; what is in force and what it labels is found without them.
CREATE INDEX user_rule_in_force ON user_rule (id) WHERE ended_at = 0;
DROP INDEX source_user_rule;
CREATE INDEX source_user_rule ON source (user_rule, n_30d) WHERE user_rule <> 0;

-- Who had all rights there were, has that of an operator too.
UPDATE user SET rights = rights | 8 WHERE rights & 3 = 3;
