/* SPDX-License-Identifier: MIT */
#include "web/page.h"

gboolean
page_absent(struct page *page, const char *sentence)
{
	json_object_set_new(page->root, "_absent", json_string(sentence));
	page->status = 404;
	return TRUE;
}
