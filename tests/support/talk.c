/* SPDX-License-Identifier: MIT */
#include "tests/support/talk.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <jansson.h>

#include "app/judging.h"
#include "core/error.h"
#include "tests/support/expect.h"
#include "web/pages.h"
#include "web/server.h"

guint talk_runs;

/* A list of TALK_ROWS rows, whose cursor is the number of the last row. */
static gboolean
get_list(struct page *page, GError **error)
{
	const char *after = request_param(page->request, "after");
	guint64 from = after ? g_ascii_strtoull(after, NULL, 10) : 0;
	guint64 until = MIN(from + page->limit, TALK_ROWS);
	json_t *rows = json_array();

	(void)error;
	talk_runs++;
	for (guint64 i = from + 1; i <= until; i++)
		json_array_append_new(rows, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)i,
						      "name", "=cmd,\"x\"", "_link", "/hidden"));
	json_object_set_new(page->root, "data", rows);
	if (until < TALK_ROWS)
		json_object_set_new(page->root, "next", json_sprintf("%" G_GUINT64_FORMAT, until));
	json_object_set_new(page->root, "title", json_string("A <list>"));
	return TRUE;
}

static gboolean
get_broken(struct page *page, GError **error)
{
	const char *code = request_param(page->request, "code");

	g_set_error(error, DMARCD_ERROR, (int)g_ascii_strtoll(code, NULL, 10), "it is broken");
	return FALSE;
}

static gboolean
get_absent(struct page *page, GError **error)
{
	(void)error;
	return page_absent(page, "Nobody has seen this address.");
}

static gboolean
post_change(struct page *page, GError **error)
{
	(void)error;
	talk_runs++;
	page->location = g_strdup("/list");
	return TRUE;
}

static const char *const list_columns[] = { "id", "name", NULL };
static const struct page_route page_list = {
	.path = "/list",
	.template = "error",
	.get = get_list,
	.post = post_change,
	.csv = list_columns,
	.file_name = "list",
};
static const struct page_route page_broken = {
	.path = "/broken",
	.template = "error",
	.get = get_broken,
};
static const struct page_route page_absent_one = {
	.path = "/list/*",
	.template = "error",
	.get = get_absent,
};
static const struct page_route *const pages[] = {
	&page_list,   &page_broken,     &page_absent_one, &page_login,
	&page_logout, &page_appearance, &page_healthz,    NULL,
};

int
talk_open(void **state)
{
	struct place *place = g_new0(struct place, 1);
	const struct store_options store_options = { .judge = judging_default() };
	g_autoptr(GError) error = NULL;

	place->folder = g_dir_make_tmp("server-test-XXXXXX", NULL);
	g_autofree char *url = g_strdup_printf("sqlite:%s/store.db", place->folder);
	place->store = store_open(url, &store_options, &error);
	if (!place->store)
		fail_msg("%s", error->message);
	const struct web_options options = {
		.listen = "127.0.0.1:0",
		.store = place->store,
		.version = "0.test",
	};
	place->web = server_start(&options, pages, &error);
	if (!place->web)
		fail_msg("%s", error->message);
	talk_runs = 0;
	*state = place;
	return 0;
}

int
talk_close(void **state)
{
	struct place *place = *state;
	static const char *const names[] = { "store.db", "store.db-wal", "store.db-shm" };

	web_stop(place->web);
	store_close(place->store);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(place->folder, names[i], NULL);
		g_unlink(path);
	}
	g_rmdir(place->folder);
	g_free(place->folder);
	g_free(place->cookie);
	g_free(place);
	return 0;
}

int
talk_connect(const struct place *place)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = { .tv_sec = 20 };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port =
		htons((guint16)g_ascii_strtoull(strrchr(web_url(place->web), ':') + 1, NULL, 10));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* Send all of it, then read until the server ends the connection. */
char *
talk_bytes(const struct place *place, const char *text)
{
	gsize len = strlen(text);
	int fd = talk_connect(place);
	GString *answer = g_string_new(NULL);
	char buffer[65536];
	ssize_t n;

	if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		g_string_append(answer, "(not all was read) ");
	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		g_string_append_len(answer, buffer, n);
	close(fd);
	return g_string_free(answer, FALSE);
}

/* "METHOD target" with extra header lines and a body, on a connection of its own. */
char *
talk_ask(const struct place *place, const char *line, const char *headers, const char *body)
{
	g_autofree char *length =
		body ? g_strdup_printf("Content-Type: application/x-www-form-urlencoded\r\n"
				       "Content-Length: %zu\r\n",
				       strlen(body))
		     : g_strdup("");
	g_autofree char *text = g_strdup_printf(
		"%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s%s%s\r\n%s", line,
		place->cookie ? place->cookie : "", headers, length, body ? body : "");

	return talk_bytes(place, text);
}

/* The value of a header field of answer. Caller frees. */
char *
talk_field(const char *answer, const char *name)
{
	g_autofree char *start = g_strdup_printf("\r\n%s: ", name);
	const char *at = strstr(answer, start);

	if (!at)
		fail_msg("there is no %s in \"%.1000s\"", name, answer);
	at += strlen(start);
	return g_strndup(at, strcspn(at, "\r"));
}

/* Open a session by a link, as an administrator does. */
void
talk_sign_in(struct place *place)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *link = web_login_link(place->store, "", "admin", 900, &error);
	g_autofree char *line = g_strdup_printf("GET %s", link);
	g_autofree char *answer = talk_ask(place, line, "", NULL);
	g_autofree char *cookie = talk_field(answer, "Set-Cookie");

	expect_start(answer, "HTTP/1.1 303 ");
	cookie[strcspn(cookie, ";")] = '\0';
	place->cookie = g_strdup_printf("Cookie: %s\r\n", cookie);
}

char *
talk_token(const struct place *place)
{
	g_autofree char *answer = talk_ask(place, "GET /appearance", "", NULL);
	const char *at = strstr(answer, "name=\"_csrf\" value=\"");

	if (!at)
		fail_msg("there is no token in \"%.1000s\"", answer);
	at += strlen("name=\"_csrf\" value=\"");
	return g_strndup(at, strcspn(at, "\""));
}
