/* SPDX-License-Identifier: MIT */
/* TLS reports: no count is negative, no text is bad. */
#include "ingest/tlsrpt_json.h"
#include "tests/fuzz/check_document.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(document_auto) document =
		tlsrpt_json_read(bytes, len, &parse_default_limits, &error);

	g_assert_true((document != NULL) == (error == NULL));
	if (!document)
		return 0;
	check_document(document);
	for (guint i = 0; i < document->tlsrpt.policies->len; i++) {
		const struct tlsrpt_policy *policy =
			&g_array_index(document->tlsrpt.policies, struct tlsrpt_policy, i);
		g_assert_true(!policy->success.is_known || policy->success.value >= 0);
		g_assert_true(!policy->failure.is_known || policy->failure.value >= 0);
	}
	return 0;
}
