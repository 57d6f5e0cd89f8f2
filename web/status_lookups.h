/* SPDX-License-Identifier: MIT */
/*
 * status_lookups.h - what Status says of look-ups in the DNS.
 */
#ifndef WEB_STATUS_LOOKUPS_H
#define WEB_STATUS_LOOKUPS_H

#include "web/page.h"

/* Member lookups, null where there are none in this program; and _lookups, a sentence. */
void status_lookups_fill(struct page *page);

#endif
