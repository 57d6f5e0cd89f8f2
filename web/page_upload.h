/* SPDX-License-Identifier: MIT */
/*
 * page_upload.h - the answer to files, for every page that takes them.
 */
#ifndef WEB_PAGE_UPLOAD_H
#define WEB_PAGE_UPLOAD_H

#include "web/page.h"

/*
 * A page_fn: what became of each file of the upload. 200 where one at least is read (also before),
 * 422 where none is, 503 where one has to be sent again.
 */
gboolean page_upload_post(struct page *page, GError **error);

#endif
