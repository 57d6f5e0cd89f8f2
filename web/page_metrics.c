/* SPDX-License-Identifier: MIT */
/*
 * What a monitoring system asks: the counters of the process, and what the store holds, in
 * Prometheus' text exposition format 0.0.4.
 */
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/metrics.h"
#include "web/exchange.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/web.h"
#include "web/words.h"

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"
#define COUNTER      "counter"
#define GAUGE        "gauge"

static void
write_one(GString *out, const char *name, const char *type, const char *help, gint64 value)
{
	metrics_write_family(out, name, type, help);
	metrics_write_sample(out, name, "", value);
}

/* --- The store --- */

static void
write_store(GString *out, const struct query_status *status)
{
	static const char mails[] = "dmarcd_store_mails";

	metrics_write_family(out, mails, GAUGE, "Mails by outcome, since the store began.");
	for (enum outcome o = OUTCOME_STORED; o < N_OUTCOMES; o++) {
		g_autofree char *labels = metrics_label("outcome", outcome_name(o));
		metrics_write_sample(out, mails, labels, status->arrivals[o]);
	}
	write_one(out, "dmarcd_store_reports", GAUGE, "Aggregate reports that count.",
		  status->reports);
	write_one(out, "dmarcd_store_unreadable_mails", GAUGE, "Unreadable mails that are kept.",
		  status->kept);
	write_one(out, "dmarcd_store_lagging_reports", GAUGE,
		  "Reports that are stored and not in the totals yet.", status->lagging);
	write_one(out, "dmarcd_store_bytes", GAUGE, "The store on disk.", status->size_bytes);
	write_one(out, "dmarcd_store_last_received_timestamp_seconds", GAUGE,
		  "When the newest mail of the store was received, 0 = none yet.",
		  status->last_received_at);
}

/* --- The process --- */

static gint64
resident_bytes(void)
{
	g_autofree char *text = NULL;

	/* Pages: all, resident, ... (proc(5)). */
	if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL) || !strchr(text, ' '))
		return 0;
	return g_ascii_strtoll(strchr(text, ' '), NULL, 10) * sysconf(_SC_PAGESIZE);
}

static void
write_process(GString *out, const struct exchange *x)
{
	static const char cpu[] = "process_cpu_seconds_total";
	static const char build[] = "dmarcd_build_info";
	g_autofree char *version = metrics_label("version", x->context.version);
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	metrics_write_family(out, build, GAUGE, "Which dmarcd this is; always 1.");
	metrics_write_sample(out, build, version, 1);
	write_one(out, "process_resident_memory_bytes", GAUGE, "Memory of the main process.",
		  resident_bytes());
	metrics_write_family(out, cpu, COUNTER, "CPU time of the main process.");
	gint64 ms = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
		    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
	g_string_append_printf(out, "%s %" G_GINT64_FORMAT ".%03d\n", cpu, ms / 1000,
			       (int)(ms % 1000));
	write_one(out, "process_start_time_seconds", GAUGE, "When it was started.",
		  x->site->started_at);
}

/* --- The page --- */

static gboolean
get(struct page *page, GError **error)
{
	struct query_status status;
	g_autoptr(GString) out = g_string_sized_new(8192);

	if (page->context->metrics == WEB_METRICS_OFF)
		return page_absent(page, words_get("error.page"));
	/*
	 * The store first: what it has not seen yet is in flight or counted once more below, so
	 * that the process never knows less than the store.
	 */
	if (!query_status(page->view, &status, error))
		return FALSE;
	write_store(out, &status);
	metrics_write(out);
	write_process(out, exchange_of(page));
	page->body = g_string_free_to_bytes(g_steal_pointer(&out));
	page->body_type = TYPE_METRICS;
	return TRUE;
}

static gboolean
is_open(const struct page_context *context)
{
	return context->metrics != WEB_METRICS_TOKEN;
}

gboolean
web_metrics_find(const char *name, enum web_metrics *ret_metrics)
{
	static const char *const names[N_WEB_METRICS] = {
		[WEB_METRICS_TOKEN] = "token",
		[WEB_METRICS_OPEN] = "open",
		[WEB_METRICS_OFF] = "off",
	};

	for (enum web_metrics m = WEB_METRICS_TOKEN; m < N_WEB_METRICS; m++) {
		if (!g_str_equal(names[m], name))
			continue;
		*ret_metrics = m;
		return TRUE;
	}
	return FALSE;
}

const struct page_route page_metrics = {
	.path = "/metrics",
	.get = get,
	.get_right = RIGHT_METRICS,
	.is_open = is_open,
};
