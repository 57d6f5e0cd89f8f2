/* SPDX-License-Identifier: MIT */
#include "tests/support/house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "app/judging.h"
#include "core/error.h"
#include "core/message.h"
#include "tests/support/store_make.h"
#include "web/csrf.h"
#include "web/exchange.h"
#include "web/router.h"
#include "web/session.h"

#define HOUSE_SCORE 60
#define HOUSE_NOW   (HOUSE_DAY * (gint64)DAY_S + 36 * 3600)

#define OWN   "spf pass hinoki.example mfrom; dkim pass hinoki.example s1"
#define OTHER "spf pass other.example mfrom"
#define NONE  "spf fail bad.example mfrom"

/* --- The reports --- */

void
house_submit(struct house *house, const char *locator, struct document *document,
	     const char *reason, gint64 received_at)
{
	g_autoptr(GBytes) bytes = g_bytes_new(locator, strlen(locator));
	struct message *message = message_new(bytes, "drop", locator, NULL, NULL);
	struct parsed *parsed = parsed_new();

	message->received_at = received_at;
	if (document)
		g_ptr_array_add(parsed->documents, document);
	if (reason)
		parsed_add_fault(parsed, FAULT_DAMAGED, g_strdup("part 1"), g_strdup(reason));
	if (!document && !reason)
		parsed->note = g_strdup("auto-reply");
	store_submit(house->store, message, parsed, NULL);
}

#define DELIVERED .disposition = DISPOSITION_NONE
#define SPAM      .disposition = DISPOSITION_QUARANTINE
#define REJECTED  .disposition = DISPOSITION_REJECT
#define PASSES    .dkim = ALIGNED_PASS, .spf = ALIGNED_PASS
#define SPF_ONLY  .dkim = ALIGNED_FAIL, .spf = ALIGNED_PASS
#define FAILS     .dkim = ALIGNED_FAIL, .spf = ALIGNED_FAIL

/* What varies between the report and its revision comes first. */
static const struct make_record first_rows[] = {
	{ .ip = "192.0.2.10", .count = 99, DELIVERED, PASSES, .auth = OWN },
	{ .ip = "203.0.113.45",
	  .count = 20,
	  SPAM,
	  FAILS,
	  .auth = NONE,
	  .header_from = "news.hinoki.example",
	  .envelope_from = "bad.example" },
	{ .ip = "198.51.100.7",
	  .count = 12,
	  DELIVERED,
	  FAILS,
	  .auth = OTHER,
	  .reason = "mailing_list",
	  .comment = "list" },
};

static const struct make_record second_rows[] = {
	{ .ip = "192.0.2.10", .count = 100, DELIVERED, PASSES, .auth = OWN },
	{ .ip = "192.0.2.20",
	  .count = 5,
	  DELIVERED,
	  SPF_ONLY,
	  .auth = "spf pass hinoki.example mfrom" },
	{ .ip = "192.0.2.20", .count = 12, DELIVERED, FAILS, .auth = OTHER },
	{ .ip = "192.0.2.20", .count = 3, SPAM, FAILS, .auth = OTHER },
	{ .ip = "198.51.100.8", .count = 4, DELIVERED, FAILS, .auth = OTHER },
	{ .ip = "203.0.113.45",
	  .count = 30,
	  REJECTED,
	  FAILS,
	  .auth = NONE,
	  .envelope_from = "bad.example" },
	{ .ip = "203.0.113.45", .count = 10, DELIVERED, FAILS },
	{ .ip = "10.0.0.1", .count = 7, DELIVERED, FAILS },
	{ .ip = "2001:db8:7::1", .count = 6, REJECTED, FAILS },
};

static struct document *
first_day(gint64 fails)
{
	struct make *make = make_start(&(struct make_report){ .domain = "hinoki.example",
							      .reporter = "bigmail.example",
							      .report_id = "r1",
							      .p = "quarantine",
							      .day = HOUSE_DAY - 1 });

	make_record(make, &(struct make_record){ .ip = "192.0.2.10",
						 .count = fails,
						 DELIVERED,
						 FAILS,
						 .auth = "dkim fail hinoki.example s1" });
	for (gsize i = 0; i < G_N_ELEMENTS(first_rows); i++)
		make_record(make, &first_rows[i]);
	return make_end(make);
}

static struct document *
second_day(void)
{
	struct make *make = make_start(&(struct make_report){ .domain = "hinoki.example",
							      .reporter = HOUSE_HOSTILE,
							      .report_id = "<r2>",
							      .p = "quarantine",
							      .day = HOUSE_DAY });

	for (gsize i = 0; i < G_N_ELEMENTS(second_rows); i++)
		make_record(make, &second_rows[i]);
	struct document *document = make_end(make);
	document_warn(document, "count-missing", "record 3");
	document_warn(document, "no-such-code", "<i>");
	return document;
}

static struct document *
other_domain(void)
{
	return make_document(
		&(struct make_report){ .domain = "shop.example",
				       .reporter = "yonder.example",
				       .report_id = "r3",
				       .p = "none",
				       .day = HOUSE_DAY },
		&(struct make_record){
			.ip = "203.0.113.45", .count = 10, DELIVERED, FAILS, .auth = NONE });
}

static void
fill(struct house *house)
{
	const struct {
		const char *locator;
		struct document *document;
		const char *reason;
	} mails[] = {
		{ "one", first_day(1), NULL },
		{ "two", second_day(), NULL },
		{ "three", other_domain(), NULL },
		{ "again", first_day(1), NULL },
		{ "other", first_day(50), NULL },
		{ "nothing", NULL, NULL },
		{ "=broken<mail>", NULL, "not XML at line 1" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(mails); i++) {
		/* As somebody hands them in: such reports count. */
		if (mails[i].document)
			mails[i].document->carrier.is_bare = TRUE;
		house_submit(house, mails[i].locator, mails[i].document, mails[i].reason,
			     HOUSE_NOW - 60);
	}
}

/* --- The house --- */

static gboolean
retry(gpointer data, gint64 kept_id, GError **error)
{
	struct house *house = data;

	house->retried = kept_id;
	if (house->retry_fails)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "still not XML");
	return !house->retry_fails;
}

static void
must(gboolean is_done, const GError *error)
{
	if (!is_done)
		fail_msg("%s", error ? error->message : "failed without a reason");
}

int
house_open_empty(void **state)
{
	struct house *house = g_new0(struct house, 1);
	struct judging_options judging_options = {
		.weights = weights_default(),
		.enrichment = enrichment_new_builtin(),
	};
	g_autoptr(GError) error = NULL;

	/* So that a handful of messages are enough to accuse. */
	judging_options.weights.unauthorized_score = HOUSE_SCORE;
	const struct store_options store_options = { .judge = judging_new(&judging_options),
						     .now = HOUSE_NOW };
	house->folder = g_dir_make_tmp("pages-test-XXXXXX", NULL);
	house->hooks = (struct web_hooks){ .retry = retry, .data = house };
	g_autofree char *url = g_strdup_printf("sqlite:%s/store.db", house->folder);
	house->store = store_open(url, &store_options, &error);
	must(house->store != NULL, error);
	const struct web_options options = {
		.store = house->store,
		.hooks = &house->hooks,
		.allow_documentation = TRUE,
		.weights = &judging_options.weights,
		.changes = change_limits_default(),
		.version = "0.test",
	};
	house->site = site_new(&options, router_pages(), &error);
	must(house->site != NULL, error);
	must(store_edit_user(house->store, "sato", "x", &error), error);
	house->token =
		session_start(house->store, "sato", g_get_real_time() / G_USEC_PER_SEC, &error);
	must(house->token != NULL, error);
	house->view = store_view_open(house->store, &error);
	must(house->view != NULL, error);
	*state = house;
	return 0;
}

int
house_open(void **state)
{
	g_autoptr(GError) error = NULL;

	house_open_empty(state);
	fill(*state);
	must(store_flush(((struct house *)*state)->store, &error), error);
	return 0;
}

int
house_close(void **state)
{
	struct house *house = *state;
	static const char *const names[] = { "store.db", "store.db-wal", "store.db-shm" };

	store_view_close(house->view);
	site_free(house->site);
	store_close(house->store);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(house->folder, names[i], NULL);
		g_unlink(path);
	}
	g_rmdir(house->folder);
	g_free(house->folder);
	g_free(house->token);
	g_free(house);
	return 0;
}

/* --- Asking --- */

static struct exchange *
ask(struct house *house, const char *target, const char *form)
{
	g_autoptr(GError) error = NULL;
	struct exchange *x = exchange_new(house->site, form ? METHOD_POST : METHOD_GET);
	g_autofree char *cookie = g_strconcat(SESSION_COOKIE "=", house->token, NULL);

	x->request = request_new(target, &error);
	must(x->request != NULL, error);
	request_set_header(x->request, REQUEST_COOKIE, cookie);
	request_set_header(x->request, REQUEST_HOST, "house");
	if (form) {
		g_autofree char *csrf = csrf_token(house->token);
		g_autofree char *body = g_strconcat(form, "&_csrf=", csrf, NULL);
		request_set_header(x->request, REQUEST_CONTENT_TYPE,
				   "application/x-www-form-urlencoded");
		must(request_set_body(x->request, body, strlen(body), &error), error);
	}
	x->page.view = house->view;
	exchange_answer(x);
	return x;
}

static char *
body_of(struct exchange *x)
{
	g_autoptr(GError) error = NULL;
	GString *body = g_string_new(NULL);

	if (x->answer.body) {
		gsize len;
		const char *bytes = g_bytes_get_data(x->answer.body, &len);
		g_string_append_len(body, bytes, (gssize)len);
		return g_string_free(body, FALSE);
	}
	while (exchange_more(x, body, &error))
		continue;
	must(!error, error);
	return g_string_free(body, FALSE);
}

char *
house_get(struct house *house, const char *target, guint *ret_status)
{
	g_autoptr(exchange_auto) x = ask(house, target, NULL);

	*ret_status = x->answer.status;
	return body_of(x);
}

char *
house_post(struct house *house, const char *target, const char *form, guint *ret_status)
{
	g_autoptr(exchange_auto) x = ask(house, target, form);

	*ret_status = x->answer.status;
	return body_of(x);
}

char *
house_page(struct house *house, const char *target)
{
	guint status;
	char *body = house_get(house, target, &status);

	if (status != 200)
		fail_msg("%s answers %u: %s", target, status, body);
	return body;
}

json_t *
house_json(struct house *house, const char *target)
{
	g_autofree char *body = house_page(house, target);
	json_error_t error;
	json_t *tree = json_loads(body, 0, &error);

	if (!tree)
		fail_msg("%s: %s", target, error.text);
	return tree;
}

char *
house_location(struct house *house, const char *target, const char *form)
{
	g_autoptr(exchange_auto) x = ask(house, target, form);
	const GPtrArray *headers = x->answer.headers;

	for (guint i = 0; headers && i + 1 < headers->len; i += 2)
		if (g_str_equal(g_ptr_array_index(headers, i), "Location"))
			return g_strdup(g_ptr_array_index(headers, i + 1));
	return NULL;
}
