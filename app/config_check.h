/* SPDX-License-Identifier: MIT */
/*
 * config_check.h - what libconfuse asks of each value while it reads: is it within its limits?
 */
#ifndef APP_CONFIG_CHECK_H
#define APP_CONFIG_CHECK_H

#define SCORE_BLOCK   "score"
#define CHANGES_BLOCK "changes"

struct cfg_t;

/* To be done once the grammar is made. */
void config_check_install(struct cfg_t *cfg);

#endif
