/* SPDX-License-Identifier: MIT */
/* Conversations with the server over its socket: what is sent, byte for byte, and what comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <gio/gio.h>

#include "core/error.h"
#include "tests/support/expect.h"
#include "tests/support/talk.h"

static void
every_answer_carries_the_security_fields(void **state)
{
	struct place *place = *state;
	static const char *const lines[] = {
		"GET /healthz", "GET /login",    "GET /list",        "GET /nothing",
		"PUT /list",    "POST /healthz", "GET /../x",        "GET /list.json",
		"HEAD /list",   "GET /list.csv", "GET /static/none", "GET /static/app.js"
	};
	static const char *const fields[] = {
		"Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; "
		"img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
		"frame-ancestors 'none'; require-trusted-types-for 'script'\r\n",
		"X-Content-Type-Options: nosniff\r\n",
		"Referrer-Policy: same-origin\r\n",
		"Cross-Origin-Opener-Policy: same-origin\r\n",
		"Cross-Origin-Resource-Policy: same-origin\r\n",
		"\r\nCache-Control: ",
	};

	for (guint pass = 0; pass < 2; pass++) {
		for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
			g_autofree char *answer = talk_ask(place, lines[i], "", NULL);

			for (guint j = 0; j < G_N_ELEMENTS(fields); j++)
				expect_has(answer, fields[j]);
		}
		if (pass == 0)
			talk_sign_in(place);
	}
}

static void
health_is_public_and_says_ok(void **state)
{
	g_autofree char *answer = talk_ask(*state, "GET /healthz", "", NULL);

	expect_start(answer, "HTTP/1.1 200 ");
	expect_has(answer, "Content-Type: application/json\r\n");
	expect_has(answer, "{\"status\":\"ok\"");
}

static void
a_page_has_three_faces(void **state)
{
	struct place *place = *state;

	talk_sign_in(place);
	g_autofree char *html = talk_ask(place, "GET /list", "", NULL);
	g_autofree char *json = talk_ask(place, "GET /list.json?limit=2", "", NULL);
	g_autofree char *api = talk_ask(place, "GET /api/v1/list?limit=2", "", NULL);
	g_autofree char *csv =
		talk_ask(place, "GET /list.csv?columns=name,id&bom=1&after=2498", "", NULL);
	g_autofree char *column = talk_ask(place, "GET /list.csv?columns=nose", "", NULL);

	expect_start(html, "HTTP/1.1 200 ");
	expect_has(html, "Content-Type: text/html; charset=utf-8\r\n");
	expect_has(html, "<h1>A &lt;list&gt;</h1>");
	expect_has(json, "{\"data\":[{\"id\":1,\"name\":\"=cmd,\\\"x\\\"\"},"
			 "{\"id\":2,\"name\":\"=cmd,\\\"x\\\"\"}],\"next\":\"2\",");
	expect_has(json, "\"generated\":\"20");
	expect_not(json, "_link");
	assert_string_equal(strstr(json, "\r\n\r\n"), strstr(api, "\r\n\r\n"));
	expect_has(csv, "Content-Disposition: attachment; filename=\"list.csv\"\r\n");
	expect_has(csv, "\r\n\r\n\xef\xbb\xbfname,id\r\n\"'=cmd,\"\"x\"\"\",2499\r\n"
			"\"'=cmd,\"\"x\"\"\",2500\r\n");
	expect_start(column, "HTTP/1.1 400 ");
	expect_has(column, "there is no column \\\"nose\\\"; the columns are: id,name");
}

static void
a_csv_has_every_row(void **state)
{
	struct place *place = *state;

	talk_sign_in(place);
	g_autofree char *csv = talk_ask(place, "GET /list.csv?columns=id", "", NULL);

	expect_has(csv, "Transfer-Encoding: chunked\r\n");
	for (guint i = 1; i <= TALK_ROWS; i++) {
		g_autofree char *row = g_strdup_printf("\n%u\r\n", i);
		expect_has(csv, row);
	}
	assert_true(g_str_has_suffix(csv, "0\r\n\r\n"));
	assert_int_equal(talk_runs, 3);
}

static void
a_csv_ends_when_its_reader_goes_away(void **state)
{
	struct place *place = *state;

	talk_sign_in(place);
	for (guint i = 0; i < 8; i++) {
		g_autofree char *text = g_strdup_printf(
			"GET /list.csv HTTP/1.1\r\nHost: x\r\n%s\r\n", place->cookie);
		struct linger now = { 1, 0 };
		int fd = talk_connect(place);

		assert_true(send(fd, text, strlen(text), 0) > 0);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(fd);
	}
	/* All threads still answer. */
	for (guint i = 0; i < 32; i++) {
		g_autofree char *answer = talk_ask(place, "GET /healthz", "", NULL);
		expect_start(answer, "HTTP/1.1 200 ");
	}
}

static void
head_is_get_without_the_body(void **state)
{
	struct place *place = *state;

	talk_sign_in(place);
	g_autofree char *html = talk_ask(place, "HEAD /list", "", NULL);
	g_autofree char *csv = talk_ask(place, "HEAD /list.csv", "", NULL);

	expect_start(html, "HTTP/1.1 200 ");
	expect_has(html, "Content-Length: ");
	assert_true(g_str_has_suffix(html, "\r\n\r\n"));
	expect_start(csv, "HTTP/1.1 200 ");
	assert_true(g_str_has_suffix(csv, "\r\n\r\n"));
}

static void
errors_are_pages_or_problems(void **state)
{
	static const struct {
		const char *line;
		const char *status;
		const char *text;
	} cases[] = {
		{ "GET /nothing", "404", "<h1>Not found</h1>" },
		{ "GET /nothing", "404", "<nav class=\"menu\"" },
		{ "GET /nothing.json", "404", "\"title\":\"Not found\"" },
		{ "GET /list/192.0.2.1", "404", "Nobody has seen this address." },
		{ "GET /list/192.0.2.1.json", "404", "\"detail\":\"Nobody has seen" },
		{ "GET /list.xml", "404", "does not come in this form" },
		{ "GET /broken?code=0", "400", "it is broken" },
		{ "GET /broken?code=2", "503", "Retry-After: 5" },
		{ "GET /broken?code=3", "403", "it is broken" },
		{ "GET /broken.json?code=4", "500", "it is broken" },
		{ "GET /broken.csv?code=4", "404", "does not come" },
		{ "GET /logout", "405", "Allow: POST\r\n" },
		{ "POST /broken", "405", "Allow: GET, HEAD\r\n" },
		{ "DELETE /list", "405", "Allow: GET, HEAD, POST\r\n" },
		{ "OPTIONS *", "405", "Allow: GET, HEAD, POST\r\n" },
		{ "TRACE /list", "405", "Allow: GET, HEAD, POST\r\n" },
		{ "GET /list?a=%zz", "400", "percent sign" },
		{ "GET /list?a=%00", "400", "control characters" },
		{ "GET /list?a=%ff", "400", "not UTF-8" },
		{ "GET /list/%2e%2e", "400", "dotted segment" },
		{ "GET //list", "400", "empty or dotted segment" },
		{ "GET /list.json?limit=0", "400", "limit is a number from 1 to 1000" },
		{ "GET http://x/list", "400", "does not begin with" },
	};
	struct place *place = *state;

	talk_sign_in(place);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *body = g_str_has_prefix(cases[i].line, "POST") ? "a=b" : NULL;
		g_autofree char *answer = talk_ask(place, cases[i].line, "", body);
		g_autofree char *start = g_strdup_printf("HTTP/1.1 %s ", cases[i].status);

		expect_start(answer, start);
		expect_has(answer, cases[i].text);
	}
}

static void
an_answer_that_did_not_change_is_not_sent_again(void **state)
{
	struct place *place = *state;

	talk_sign_in(place);
	g_autofree char *first = talk_ask(place, "GET /list", "", NULL);
	g_autofree char *tag = talk_field(first, "ETag");
	g_autofree char *header = g_strdup_printf("If-None-Match: %s\r\n", tag);
	g_autofree char *again = talk_ask(place, "GET /list", header, NULL);
	g_autofree char *filtered = talk_ask(place, "GET /list?domain=example.org", header, NULL);

	expect_start(again, "HTTP/1.1 304 ");
	assert_true(g_str_has_suffix(again, "\r\n\r\n"));
	expect_start(filtered, "HTTP/1.1 200 ");
	assert_int_equal(talk_runs, 2);

	/* Another visitor has other tokens in his forms. */
	g_clear_pointer(&place->cookie, g_free);
	talk_sign_in(place);
	g_autofree char *other = talk_ask(place, "GET /list", header, NULL);
	expect_start(other, "HTTP/1.1 200 ");
}

/* The body of a zipped answer, unzipped, is that of the plain one. */
static void
expect_same_body(const char *plain, const char *zipped)
{
	g_autoptr(GZlibDecompressor) unzip = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
	const char *body = strstr(plain, "\r\n\r\n") + 4;
	const char *begin = strstr(zipped, "\r\n\r\n") + 4;
	g_autofree char *length = talk_field(zipped, "Content-Length");
	gsize size = strlen(body) + 1;
	g_autofree char *text = g_malloc0(size);
	gsize n_read;
	gsize n_written;

	assert_int_equal(g_converter_convert(G_CONVERTER(unzip), begin,
					     g_ascii_strtoull(length, NULL, 10), text, size,
					     G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL),
			 G_CONVERTER_FINISHED);
	assert_string_equal(text, body);
}

static void
static_files_are_kept_for_ever_by_their_version(void **state)
{
	struct place *place = *state;
	g_autofree char *page = talk_ask(place, "GET /login", "", NULL);
	const char *at = strstr(page, "/static/style.css?v=");
	g_autofree char *line = NULL;

	assert_non_null(at);
	g_autofree char *address = g_strndup(at, strcspn(at, "\""));
	line = g_strdup_printf("GET %s", address);
	g_autofree char *plain = talk_ask(place, line, "", NULL);
	g_autofree char *zipped = talk_ask(place, line, "Accept-Encoding: gzip, br\r\n", NULL);
	g_autofree char *stale = talk_ask(place, "GET /static/style.css?v=0", "", NULL);
	g_autofree char *tag = talk_field(plain, "ETag");
	g_autofree char *header = g_strdup_printf("If-None-Match: %s\r\n", tag);
	g_autofree char *again = talk_ask(place, line, header, NULL);

	expect_start(plain, "HTTP/1.1 200 ");
	expect_has(plain, "Content-Type: text/css; charset=utf-8\r\n");
	expect_has(plain, "Cache-Control: public, max-age=31536000, immutable\r\n");
	expect_not(plain, "Content-Encoding");
	expect_has(zipped, "Content-Encoding: gzip\r\n");
	expect_same_body(plain, zipped);
	expect_has(zipped, "Vary: Accept-Encoding\r\n");
	expect_has(stale, "Cache-Control: no-cache\r\n");
	expect_start(again, "HTTP/1.1 304 ");
}

static void
requests_that_a_proxy_could_read_otherwise_are_refused(void **state)
{
	static const struct {
		const char *headers;
		const char *text;
	} cases[] = {
		{ "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
		  "Transfer-Encoding and Content-Length" },
		{ "Content-Length: 4\r\nContent-Length: 5\r\n", "twice" },
		{ "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "twice" },
		{ "Transfer-Encoding: gzip, chunked\r\n", "can only be chunked" },
		{ "Host: b\r\nContent-Length: 4\r\n", "twice" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
			g_strdup_printf("POST /login HTTP/1.1\r\nHost: a\r\n"
					"Content-Type: application/x-www-form-urlencoded\r\n%s\r\n"
					"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
					cases[i].headers);
		g_autofree char *answer = talk_bytes(*state, text);

		expect_start(answer, "HTTP/1.1 400 ");
		expect_has(answer, "Connection: close\r\n");
		expect_has(answer, cases[i].text);
		/* What stands behind was not read as a request of its own. */
		expect_not(answer, "\"status\":\"ok\"");
	}
	g_autofree char *body = talk_bytes(*state, "GET /healthz HTTP/1.1\r\nHost: a\r\n"
						   "Content-Length: 4\r\n\r\nabcd");
	expect_start(body, "HTTP/1.1 400 ");
}

static void
too_much_is_refused_by_its_size(void **state)
{
	g_autofree char *path = g_strnfill(600, 'a');
	g_autofree char *path_line = g_strdup_printf("GET /%s", path);
	g_autofree char *target = g_strnfill(9000, 'a');
	g_autofree char *target_line = g_strdup_printf("GET /login?next=%s", target);
	g_autofree char *header = g_strnfill(40000, 'a');
	g_autofree char *header_line = g_strdup_printf("X: %s\r\n", header);
	g_autofree char *body = g_strnfill(70000, 'a');
	g_autofree char *param = g_strdup_printf("username=%.2000s&password=x", body);
	g_autofree char *long_path = talk_ask(*state, path_line, "", NULL);
	g_autofree char *long_target = talk_ask(*state, target_line, "", NULL);
	g_autofree char *long_header = talk_ask(*state, "GET /login", header_line, NULL);
	g_autofree char *long_body = talk_ask(*state, "POST /login", "", body);
	g_autofree char *long_param = talk_ask(*state, "POST /login", "", param);
	g_autofree char *not_a_form = talk_bytes(*state, "POST /login HTTP/1.1\r\nHost: a\r\n"
							 "Content-Type: application/json\r\n"
							 "Content-Length: 2\r\n\r\n{}");
	g_autofree char *chunks =
		g_strdup_printf("POST /login HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
				"Content-Type: application/x-www-form-urlencoded\r\n"
				"Transfer-Encoding: chunked\r\n\r\n11170\r\n%s\r\n0\r\n\r\n",
				body);
	g_autofree char *long_chunks = talk_bytes(*state, chunks);

	expect_start(long_path, "HTTP/1.1 414 ");
	expect_has(long_path, "max_path_bytes (512)");
	expect_start(long_target, "HTTP/1.1 414 ");
	expect_has(long_target, "max_target_bytes (8192)");
	expect_start(long_header, "HTTP/1.1 431 ");
	expect_has(long_body, "HTTP/1.1 413 ");
	expect_has(long_body, "max_body_bytes (65536)");
	expect_start(long_param, "HTTP/1.1 413 ");
	expect_has(long_param, "max_param_bytes (1024)");
	expect_start(not_a_form, "HTTP/1.1 415 ");
	expect_start(long_chunks, "HTTP/1.1 413 ");
}

static void
one_connection_carries_many_requests(void **state)
{
	g_autofree char *answer =
		talk_bytes(*state, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
				   "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
				   "Content-Type: application/x-www-form-urlencoded\r\n\r\na=b"
				   "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

	expect_start(answer, "HTTP/1.1 200 ");
	expect_has(answer, "HTTP/1.1 403 ");
	assert_true(g_str_has_suffix(answer, "}\n"));
}

static void
an_address_in_use_says_what_to_do(void **state)
{
	struct place *place = *state;
	g_autoptr(GError) error = NULL;
	const char *address = strstr(web_url(place->web), "127.");
	const struct web_options options = {
		.listen = address,
		.store = place->store,
		.version = "0.test",
	};
	g_autofree char *expected = g_strdup_printf(
		"cannot listen on %s: address already in use; stop the other program or give "
		"--listen another port",
		address);

	assert_null(web_start(&options, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_DENIED));
	assert_string_equal(error->message, expected);
}

static void
stopping_does_not_wait_for_idle_connections(void **state)
{
	struct place *place = *state;
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
	int fd = talk_connect(place);
	char buffer[2048];

	assert_true(send(fd, request, strlen(request), 0) > 0);
	assert_true(recv(fd, buffer, sizeof(buffer), 0) > 0);
	gint64 begin = g_get_monotonic_time();

	web_stop(g_steal_pointer(&place->web));
	assert_true(g_get_monotonic_time() - begin < 2 * G_TIME_SPAN_SECOND);
	assert_int_equal(recv(fd, buffer, sizeof(buffer), 0), 0);
	close(fd);
}

#define TALK_TEST(name) cmocka_unit_test_setup_teardown(name, talk_open, talk_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(every_answer_carries_the_security_fields),
		TALK_TEST(health_is_public_and_says_ok),
		TALK_TEST(a_page_has_three_faces),
		TALK_TEST(a_csv_has_every_row),
		TALK_TEST(a_csv_ends_when_its_reader_goes_away),
		TALK_TEST(head_is_get_without_the_body),
		TALK_TEST(errors_are_pages_or_problems),
		TALK_TEST(an_answer_that_did_not_change_is_not_sent_again),
		TALK_TEST(static_files_are_kept_for_ever_by_their_version),
		TALK_TEST(requests_that_a_proxy_could_read_otherwise_are_refused),
		TALK_TEST(too_much_is_refused_by_its_size),
		TALK_TEST(one_connection_carries_many_requests),
		TALK_TEST(an_address_in_use_says_what_to_do),
		TALK_TEST(stopping_does_not_wait_for_idle_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
