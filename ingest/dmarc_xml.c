/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "core/error.h"
#include "core/text.h"
#include "ingest/dmarc_fields.h"
#include "ingest/repair.h"

/* Bytes of element and attribute names; a parser that has seen many is replaced. */
#define DICT_MAX_LEN   (256 * 1024)
#define DICT_FULL_LEN  (64 * 1024)
#define DOMAIN_LEN_MAX 253
#define OPTIONS        (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)
#define PIECE_LEN      65536
/* More than text_clean() keeps of a value, white space around it counted. */
#define COLLECTED_MAX (2 * TEXT_LEN_MAX)

/* Where the walk stands: the groups that are open, outermost first. */
struct level {
	enum dmarc_group group;
	const struct dmarc_field *field; /* of the element, NULL = unknown */
};

struct dmarc_reader {
	xmlParserCtxtPtr parser;
	const xmlChar **names;        /* the parser's own copies of the names in dmarc_fields */
	guint first_fields[N_GROUPS]; /* the first row of dmarc_fields for each group */
	const struct parse_limits *limits;
	struct dmarc_state state;
	GArray *levels; /* struct level */
	GString *text;  /* of the innermost element, where somebody takes it */
	gboolean wants_text;
	guint unknown_depth; /* inside an unknown element */
	gboolean is_root_seen;
	gboolean is_root_ended;
	gboolean is_parser_fresh; /* the last document left nothing behind in the parser */
	GError *stop;             /* why reading was given up, whatever libxml2 says */
};

static void
give_up(struct dmarc_reader *reader, enum dmarcd_error code, const char *reason)
{
	if (!reader->stop)
		reader->stop = g_error_new_literal(DMARCD_ERROR, (int)code, reason);
	xmlStopParser(reader->parser);
}

static const struct dmarc_field *
find_field(const struct dmarc_reader *reader, enum dmarc_group parent, const xmlChar *name)
{
	/* The rows of a group stand together. */
	for (guint i = reader->first_fields[parent];
	     i < n_dmarc_fields && dmarc_fields[i].parent == parent; i++)
		if (reader->names[i] == name)
			return &dmarc_fields[i];
	return NULL;
}

static enum dmarc_group
current_group(const struct dmarc_reader *reader)
{
	return reader->levels->len == 0
		       ? GROUP_NONE
		       : g_array_index(reader->levels, struct level, reader->levels->len - 1).group;
}

static void
begin_root(struct dmarc_reader *reader, const xmlChar *namespace_uri)
{
	reader->is_root_seen = TRUE;
	if (namespace_uri)
		reader->state.document->report.xmlns =
			document_string(reader->state.document, (const char *)namespace_uri);
}

static void
begin_known(struct dmarc_reader *reader, const struct dmarc_field *field)
{
	struct level level = { field->group, field };

	g_array_append_val(reader->levels, level);
	g_string_truncate(reader->text, 0);
	reader->wants_text = field->take != NULL;
	if (field->group)
		dmarc_group_begin(&reader->state, field->group);
}

static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_spaces,
	 const xmlChar **spaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	struct dmarc_reader *reader = data;

	(void)prefix;
	(void)n_spaces;
	(void)spaces;
	(void)n_attributes;
	(void)n_defaulted;
	(void)attributes;
	if (reader->stop)
		return;
	if (reader->levels->len + reader->unknown_depth >= reader->limits->xml_depth) {
		g_autofree char *reason = g_strdup_printf(
			"XML is nested deeper than max_xml_depth (%u)", reader->limits->xml_depth);
		give_up(reader, DMARCD_ERROR_LIMIT, reason);
		return;
	}
	const struct dmarc_field *field =
		reader->unknown_depth ? NULL : find_field(reader, current_group(reader), name);
	if (!field && !reader->is_root_seen) {
		give_up(reader, DMARCD_ERROR_INVALID,
			"not a DMARC report: the XML does not begin with <feedback>");
		return;
	}
	if (!field) {
		reader->unknown_depth++;
		return;
	}
	if (!reader->is_root_seen)
		begin_root(reader, uri);
	begin_known(reader, field);
}

static void
on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct dmarc_reader *reader = data;

	(void)name;
	(void)prefix;
	(void)uri;
	if (reader->stop)
		return;
	if (reader->unknown_depth > 0) {
		reader->unknown_depth--;
		return;
	}
	if (reader->levels->len == 0)
		return;
	const struct level *level =
		&g_array_index(reader->levels, struct level, reader->levels->len - 1);
	const struct dmarc_field *field = level->field;
	if (field->take)
		field->take(&reader->state, field, reader->text->str, reader->text->len);
	if (field->group)
		dmarc_group_end(&reader->state, field->group);
	g_array_set_size(reader->levels, reader->levels->len - 1);
	g_string_truncate(reader->text, 0);
	reader->wants_text = FALSE;
	reader->is_root_ended |= reader->levels->len == 0;
	if (reader->state.is_over_max_records) {
		g_autofree char *reason =
			g_strdup_printf("over max_records (%u)", reader->limits->records);
		give_up(reader, DMARCD_ERROR_LIMIT, reason);
	}
}

static void
on_text(void *data, const xmlChar *bytes, int len)
{
	struct dmarc_reader *reader = data;
	gsize room = COLLECTED_MAX - MIN(reader->text->len, COLLECTED_MAX);

	if (reader->wants_text && reader->unknown_depth == 0)
		g_string_append_len(reader->text, (const char *)bytes,
				    (gssize)MIN((gsize)len, room));
}

static void
on_doctype(void *data, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
	(void)name;
	(void)external_id;
	(void)system_id;
	give_up(data, DMARCD_ERROR_INVALID,
		"the XML has a document type declaration, which no report needs: refused");
}

static xmlSAXHandler sax = {
	.initialized = XML_SAX2_MAGIC,
	.startElementNs = on_start,
	.endElementNs = on_end,
	.characters = on_text,
	.ignorableWhitespace = on_text,
	.cdataBlock = on_text,
	.internalSubset = on_doctype,
};

static void
drop_parser(struct dmarc_reader *reader)
{
	if (!reader->parser)
		return;
	/* In SAX mode a document with entities is built all the same. */
	xmlFreeDoc(reader->parser->myDoc);
	reader->parser->myDoc = NULL;
	xmlFreeParserCtxt(reader->parser);
	reader->parser = NULL;
}

static void
make_parser(struct dmarc_reader *reader)
{
	reader->parser = xmlCreatePushParserCtxt(&sax, reader, NULL, 0, NULL);
	g_assert(reader->parser != NULL);
	xmlDictSetLimit(reader->parser->dict, DICT_MAX_LEN);
	for (guint i = 0; i < n_dmarc_fields; i++)
		reader->names[i] = xmlDictLookup(reader->parser->dict,
						 (const xmlChar *)dmarc_fields[i].name, -1);
}

/*
 * The names that were seen are kept from report to report, as long as they are few. A document that
 * was not well-formed leaves a parser of libxml2 2.9 in a state that its reset does not clear.
 */
static void
renew_parser(struct dmarc_reader *reader)
{
	if (reader->is_parser_fresh && xmlDictGetUsage(reader->parser->dict) < DICT_FULL_LEN) {
		xmlFreeDoc(reader->parser->myDoc);
		reader->parser->myDoc = NULL;
		xmlCtxtResetPush(reader->parser, NULL, 0, NULL, NULL);
		/* As in a new parser: the encoding is found out from the first bytes. */
		reader->parser->charset = XML_CHAR_ENCODING_NONE;
		return;
	}
	drop_parser(reader);
	make_parser(reader);
}

struct dmarc_reader *
dmarc_reader_new(void)
{
	struct dmarc_reader *reader = g_new0(struct dmarc_reader, 1);

	reader->names = g_new0(const xmlChar *, n_dmarc_fields);
	for (guint i = n_dmarc_fields; i-- > 0;)
		reader->first_fields[dmarc_fields[i].parent] = i;
	reader->levels = g_array_new(FALSE, FALSE, sizeof(struct level));
	reader->text = g_string_sized_new(256);
	dmarc_state_init(&reader->state);
	return reader;
}

void
dmarc_reader_free(struct dmarc_reader *reader)
{
	if (!reader)
		return;
	drop_parser(reader);
	dmarc_state_clear(&reader->state);
	g_array_unref(reader->levels);
	g_string_free(reader->text, TRUE);
	g_clear_error(&reader->stop);
	g_free(reader->names);
	g_free(reader);
}

static void
begin(struct dmarc_reader *reader, const struct parse_limits *limits, int options)
{
	reader->limits = limits;
	renew_parser(reader);
	reader->is_parser_fresh = FALSE;
	xmlCtxtUseOptions(reader->parser, options);
	dmarc_state_start(&reader->state);
	reader->state.max_records = limits->records;
	g_array_set_size(reader->levels, 0);
	g_string_truncate(reader->text, 0);
	reader->wants_text = FALSE;
	reader->unknown_depth = 0;
	reader->is_root_seen = reader->is_root_ended = FALSE;
	g_clear_error(&reader->stop);
}

void
dmarc_xml_begin(struct dmarc_reader *reader, const struct parse_limits *limits)
{
	begin(reader, limits, OPTIONS);
}

gboolean
dmarc_xml_feed(struct dmarc_reader *reader, const guint8 *piece, gsize len)
{
	while (len > 0 && !reader->stop) {
		int chunk = (int)MIN(len, PIECE_LEN);
		xmlParseChunk(reader->parser, (const char *)piece, chunk, 0);
		piece += chunk;
		len -= (gsize)chunk;
		if (!reader->parser->wellFormed && !reader->parser->recovery)
			return FALSE;
	}
	return reader->stop == NULL;
}

static gboolean
has_what_counts(struct dmarc_reader *reader, GError **error)
{
	const struct dmarc_state *state = &reader->state;
	const struct {
		gboolean is_good;
		const char *reason;
	} needs[] = {
		{ state->has_metadata, "no <report_metadata> in the report" },
		{ state->has_begin && state->has_end,
		  "no readable <date_range> in the report: its period is not known" },
		{ *state->document->report.policy.domain != '\0',
		  "no domain in <policy_published>: it is not known whose report this is" },
		{ strlen(state->document->report.policy.domain) <= DOMAIN_LEN_MAX,
		  "the domain in <policy_published> is longer than 253 octets" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(needs); i++) {
		if (!needs[i].is_good) {
			g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
					    needs[i].reason);
			return FALSE;
		}
	}
	return TRUE;
}

static void
set_xml_error(struct dmarc_reader *reader, GError **error)
{
	const xmlError *cause = xmlCtxtGetLastError(reader->parser);
	g_autofree char *text = g_strdup(cause && cause->message ? cause->message : "");

	g_strchomp(text);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "XML is not well-formed at line %d: %s", cause ? cause->line : 0,
		    *text ? text : "it ends too early");
}

struct document *
dmarc_xml_end(struct dmarc_reader *reader, gboolean *ret_is_repairable, GError **error)
{
	*ret_is_repairable = FALSE;
	if (!reader->stop)
		xmlParseChunk(reader->parser, "", 0, 1);
	if (reader->stop) {
		/* Something stands before the report: the repair looks for it. */
		*ret_is_repairable =
			!reader->is_root_seen && reader->stop->code == DMARCD_ERROR_INVALID &&
			!reader->parser->hasExternalSubset && reader->parser->intSubName == NULL;
		g_propagate_error(error, g_steal_pointer(&reader->stop));
		return NULL;
	}
	if (reader->is_root_ended && !reader->parser->wellFormed) {
		document_warn(reader->state.document, "junk-after-report", "");
	} else if (!reader->is_root_ended) {
		*ret_is_repairable = TRUE;
		set_xml_error(reader, error);
		return NULL;
	}
	reader->is_parser_fresh = reader->parser->wellFormed != 0;
	if (!has_what_counts(reader, error))
		return NULL;
	return g_steal_pointer(&reader->state.document);
}

struct document *
dmarc_xml_repair(struct dmarc_reader *reader, GByteArray *bytes, const struct parse_limits *limits,
		 GError **error)
{
	g_autoptr(GByteArray) repaired = repair_xml(bytes, error);
	gboolean is_repairable;

	if (!repaired)
		return NULL;
	begin(reader, limits, OPTIONS | XML_PARSE_RECOVER);
	document_warn(reader->state.document, "xml-not-wellformed", "");
	dmarc_xml_feed(reader, repaired->data, repaired->len);
	return dmarc_xml_end(reader, &is_repairable, error);
}
