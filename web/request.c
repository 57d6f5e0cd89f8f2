/* SPDX-License-Identifier: MIT */
#include "web/request.h"

#include "core/error.h"
#include "web/request_private.h"

struct param {
	char *name;
	char *value;
};

struct request {
	char *target;
	char *path;
	enum page_face face;
	GArray *params; /* struct param */
	GArray *fields;
	char *peer;
	char *headers[N_REQUEST_HEADERS];
};

static const char *const header_names[N_REQUEST_HEADERS] = {
	[REQUEST_COOKIE] = "Cookie",
	[REQUEST_HOST] = "Host",
	[REQUEST_ORIGIN] = "Origin",
	[REQUEST_SEC_FETCH_SITE] = "Sec-Fetch-Site",
	[REQUEST_IF_NONE_MATCH] = "If-None-Match",
	[REQUEST_ACCEPT_ENCODING] = "Accept-Encoding",
	[REQUEST_CONTENT_TYPE] = "Content-Type",
	[REQUEST_AUTHORIZATION] = "Authorization",
};

static const struct {
	const char *suffix;
	enum page_face face;
} suffixes[] = {
	{ ".json", PAGE_JSON },
	{ ".csv", PAGE_CSV },
	{ ".xml", PAGE_XML },
};

/* What a part of the target may be, for its messages and its decoding. */
struct path_shape {
	const char *what;  /* "the path" */
	const char *limit; /* the limit's name */
	gsize max_len;
	gboolean plus_is_space;
};

static const struct path_shape path_shape = { "the path", "max_path_bytes", REQUEST_MAX_PATH_BYTES,
					      FALSE };
static const struct path_shape param_shape = { "a parameter", "max_param_bytes",
					       REQUEST_MAX_PARAM_BYTES, TRUE };

static gboolean
fail(GError **error, enum dmarcd_error code, const char *what, const char *problem)
{
	g_set_error(error, DMARCD_ERROR, (int)code, "%s %s", what, problem);
	return FALSE;
}

/* Control and format characters (bidi, zero width) have no place in a name that we show again. */
static gboolean
is_plain_text(const char *text)
{
	for (const char *at = text; *at; at = g_utf8_next_char(at)) {
		GUnicodeType type = g_unichar_type(g_utf8_get_char(at));

		if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
		    type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
			return FALSE;
	}
	return TRUE;
}

/* Undo percent signs; NULL and error where the result is not plain text within the limit. */
static char *
decode(const char *bytes, gsize len, const struct path_shape *shape, GError **error)
{
	g_autoptr(GString) out = g_string_sized_new(len);

	for (gsize i = 0; i < len; i++) {
		char c = bytes[i];

		if (c == '+' && shape->plus_is_space) {
			c = ' ';
		} else if (c == '%') {
			int high = i + 2 < len ? g_ascii_xdigit_value(bytes[i + 1]) : -1;
			int low = high < 0 ? -1 : g_ascii_xdigit_value(bytes[i + 2]);

			if (low < 0) {
				fail(error, DMARCD_ERROR_INVALID, shape->what,
				     "has a percent sign without two hexadecimal digits");
				return NULL;
			}
			c = (char)(high << 4 | low);
			i += 2;
		}
		g_string_append_c(out, c);
	}
	if (out->len > shape->max_len) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "%s is longer than %s (%zu)",
			    shape->what, shape->limit, shape->max_len);
		return NULL;
	}
	if (!g_utf8_validate_len(out->str, out->len, NULL) || !is_plain_text(out->str)) {
		fail(error, DMARCD_ERROR_INVALID, shape->what,
		     "is not UTF-8 text without control characters");
		return NULL;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static void
clear_param(gpointer data)
{
	struct param *param = data;

	g_free(param->name);
	g_free(param->value);
}

static GArray *
new_params(void)
{
	GArray *params = g_array_new(FALSE, FALSE, sizeof(struct param));

	g_array_set_clear_func(params, clear_param);
	return params;
}

static struct param *
find_param(GArray *params, const char *name)
{
	for (guint i = 0; i < params->len; i++) {
		struct param *param = &g_array_index(params, struct param, i);

		if (g_str_equal(param->name, name))
			return param;
	}
	return NULL;
}

/* One "name=value". The first value of a name counts. */
static gboolean
read_param(GArray *params, const char *bytes, gsize len, GError **error)
{
	const char *equals = memchr(bytes, '=', len);
	gsize name_len = equals ? (gsize)(equals - bytes) : len;
	gsize value_at = equals ? name_len + 1 : len;
	g_autofree char *name = decode(bytes, name_len, &param_shape, error);
	g_autofree char *value =
		name ? decode(bytes + value_at, len - value_at, &param_shape, error) : NULL;

	if (!value)
		return FALSE;
	if (find_param(params, name))
		return TRUE;

	struct param param = { g_steal_pointer(&name), g_steal_pointer(&value) };
	g_array_append_val(params, param);
	return TRUE;
}

static gboolean
read_params(GArray *params, const char *bytes, gsize len, GError **error)
{
	const char *end = bytes + len;
	guint n_params = 0;

	while (bytes < end) {
		const char *and = memchr(bytes, '&', (gsize)(end - bytes));
		const char *stop = and? and : end;

		if (stop > bytes && ++n_params > REQUEST_MAX_PARAMS) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
				    "there are more parameters than max_request_params (%d)",
				    REQUEST_MAX_PARAMS);
			return FALSE;
		}
		if (stop > bytes && !read_param(params, bytes, (gsize)(stop - bytes), error))
			return FALSE;
		bytes = and? and+1 : end;
	}
	return TRUE;
}

/* Every segment has a name: no "//", no "." that a proxy could have understood otherwise. */
static gboolean
check_segments(const char *path, GError **error)
{
	if (g_str_equal(path, "/"))
		return TRUE;

	g_auto(GStrv) segments = g_strsplit(path + 1, "/", -1);
	for (char **segment = segments; *segment; segment++) {
		if (**segment == '\0' || g_str_equal(*segment, ".") || g_str_equal(*segment, ".."))
			return fail(error, DMARCD_ERROR_INVALID, path_shape.what,
				    "has an empty or dotted segment");
	}
	return TRUE;
}

static void
take_face(struct request *request)
{
	static const char api[] = "/api/v1/";
	const char *name;

	if (g_str_has_prefix(request->path, api)) {
		char *rest = g_strdup(request->path + sizeof(api) - 2);
		g_free(request->path);
		request->path = rest;
		request->face = PAGE_JSON;
	}
	name = strrchr(request->path, '/') + 1;
	for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		gsize len = strlen(suffixes[i].suffix);

		if (strlen(name) <= len || !g_str_has_suffix(name, suffixes[i].suffix))
			continue;
		request->path[strlen(request->path) - len] = '\0';
		request->face = suffixes[i].face;
		return;
	}
}

struct request *
request_new(const char *target, GError **error)
{
	g_autoptr(request_auto) request = g_new0(struct request, 1);
	request->params = new_params();
	request->fields = new_params();

	if (strlen(target) > REQUEST_MAX_TARGET_BYTES) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "the address is longer than max_target_bytes (%d)",
			    REQUEST_MAX_TARGET_BYTES);
		return NULL;
	}
	if (target[0] != '/') {
		fail(error, DMARCD_ERROR_INVALID, path_shape.what, "does not begin with \"/\"");
		return NULL;
	}

	request->target = g_strdup(target);
	gsize path_len = strcspn(target, "?");
	request->path = decode(target, path_len, &path_shape, error);
	if (!request->path || !check_segments(request->path, error))
		return NULL;
	take_face(request);
	if (target[path_len] == '?' && !read_params(request->params, target + path_len + 1,
						    strlen(target + path_len + 1), error))
		return NULL;
	return g_steal_pointer(&request);
}

void
request_free(struct request *request)
{
	if (!request)
		return;
	for (guint i = 0; i < N_REQUEST_HEADERS; i++)
		g_free(request->headers[i]);
	g_array_free(request->params, TRUE);
	g_array_free(request->fields, TRUE);
	g_free(request->target);
	g_free(request->path);
	g_free(request->peer);
	g_free(request);
}

const char *
request_target(const struct request *request)
{
	return request->target;
}

const char *
request_header_name(enum request_header header)
{
	return header_names[header];
}

void
request_set_peer(struct request *request, const char *peer)
{
	g_free(request->peer);
	request->peer = g_strdup(peer);
}

void
request_set_header(struct request *request, enum request_header header, const char *value)
{
	g_free(request->headers[header]);
	request->headers[header] = g_strdup(value);
}

gboolean
request_set_body(struct request *request, const char *bytes, gsize len, GError **error)
{
	return read_params(request->fields, bytes, len, error);
}

gboolean
request_add_field(struct request *request, const char *name, const char *bytes, gsize len,
		  GError **error)
{
	struct param *param = find_param(request->fields, name);
	gsize old = param ? strlen(param->value) : 0;

	if (request->fields->len >= REQUEST_MAX_PARAMS || old + len > REQUEST_MAX_PARAM_BYTES ||
	    strlen(name) > REQUEST_MAX_PARAM_BYTES) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "a field of the form is over max_param_bytes (%d), or there are more "
			    "than max_request_params (%d)",
			    REQUEST_MAX_PARAM_BYTES, REQUEST_MAX_PARAMS);
		return FALSE;
	}
	g_autofree char *piece = g_strndup(bytes, len);
	g_autofree char *value = g_strconcat(param ? param->value : "", piece, NULL);
	if (!g_utf8_validate(name, -1, NULL) || !is_plain_text(name) ||
	    !g_utf8_validate(value, -1, NULL) || !is_plain_text(value))
		return fail(error, DMARCD_ERROR_INVALID, "a field of the form",
			    "is not UTF-8 text without control characters");
	if (param) {
		g_free(param->value);
		param->value = g_steal_pointer(&value);
	} else {
		struct param added = { g_strdup(name), g_steal_pointer(&value) };
		g_array_append_val(request->fields, added);
	}
	return TRUE;
}

void
request_set_param(struct request *request, const char *name, const char *value)
{
	struct param *param = find_param(request->params, name);

	if (param) {
		g_free(param->value);
		param->value = g_strdup(value);
	} else {
		struct param added = { g_strdup(name), g_strdup(value) };
		g_array_append_val(request->params, added);
	}
}

enum page_face
request_face(const struct request *request)
{
	return request->face;
}

const char *
request_header(const struct request *request, enum request_header header)
{
	return request->headers[header];
}

char *
request_cookie(const struct request *request, const char *name)
{
	if (!request->headers[REQUEST_COOKIE])
		return NULL;

	g_auto(GStrv) cookies = g_strsplit(request->headers[REQUEST_COOKIE], ";", -1);
	gsize name_len = strlen(name);
	for (char **cookie = cookies; *cookie; cookie++) {
		const char *at = g_strstrip(*cookie);

		if (strncmp(at, name, name_len) == 0 && at[name_len] == '=')
			return g_strdup(at + name_len + 1);
	}
	return NULL;
}

const char *
request_path(const struct request *request)
{
	return request->path;
}

const char *
request_param(const struct request *request, const char *name)
{
	const struct param *param = find_param(request->params, name);

	return param && param->value[0] ? param->value : NULL;
}

const char *
request_field(const struct request *request, const char *name)
{
	const struct param *param = find_param(request->fields, name);

	return param && param->value[0] ? param->value : NULL;
}

static void
append_param(GString *query, const char *name, const char *value)
{
	g_string_append_c(query, query->len == 0 ? '?' : '&');
	g_string_append_uri_escaped(query, name, NULL, FALSE);
	g_string_append_c(query, '=');
	g_string_append_uri_escaped(query, value, "/:,", FALSE);
}

char *
request_query_with(const struct request *request, const char *name, const char *value)
{
	GString *query = g_string_new(NULL);
	gboolean is_set = FALSE;

	for (guint i = 0; i < request->params->len; i++) {
		const struct param *param = &g_array_index(request->params, struct param, i);
		gboolean is_it = name && g_str_equal(param->name, name);

		if (g_str_equal(param->name, "after") || (!is_it && param->value[0] == '\0'))
			continue;
		if (!is_it)
			append_param(query, param->name, param->value);
		else if (value)
			append_param(query, name, value);
		is_set |= is_it;
	}
	if (name && value && !is_set)
		append_param(query, name, value);
	return g_string_free(query, FALSE);
}

const char *
request_peer(const struct request *request)
{
	return request->peer ? request->peer : "";
}

const char *
request_local_path(const char *path)
{
	if (!path || path[0] != '/' || path[1] == '/' || strchr(path, '\\') ||
	    g_str_has_prefix(path, "/login") || g_str_has_prefix(path, "/logout"))
		return "/";
	return path;
}
