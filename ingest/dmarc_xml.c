/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_xml.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "core/error.h"
#include "core/text.h"
#include "ingest/dmarc_build.h"
#include "ingest/dmarc_fields.h"
#include "ingest/dmarc_names.h"

#define DICT_BYTES_KEPT    (32 << 10) /* a fuller one is not handed on to the next document */
#define COMPLAINT_LEN_MAX  200        /* of libxml2, which quotes what it read */
#define ROOT_SHOWN_LEN     64
#define NAMESPACES_MAX     64                            /* declared at one place */
#define ATTRIBUTE_WORK_MAX G_GINT64_CONSTANT(1000000000) /* libxml2 compares each with each */
#define KNOWN_DEPTH_MAX    8                             /* of the table in dmarc_fields */

struct child {
	const xmlChar *name; /* in the thread's dictionary: equal names are equal pointers */
	const struct field_row *row;
};

struct children {
	const struct child *first;
	guint n;
};

struct dmarc_xml {
	xmlDictPtr dict;
	struct child *rows;
	struct children children[N_FIELDS];
	const xmlChar *known_namespaces[2];
	struct builder *builder;

	/* One document. */
	dmarc_xml_input_fn input;
	gpointer cookie;
	const char *piece;
	gsize piece_len;
	xmlParserCtxtPtr context;
	const struct parse_limits *limits;
	struct document *document;
	const struct field_row *path[KNOWN_DEPTH_MAX];
	guint depth;         /* elements in path */
	guint unknown_depth; /* elements open below the last of path */
	gint64 attribute_work;
	const xmlChar *root_namespace;
	gboolean is_complete; /* the root has closed */
	gboolean is_other;
	gboolean has_bad_encoding;
	GError *refusal;
	char *complaint;
};

static const char *const known_namespaces[] = {
	"urn:ietf:params:xml:ns:dmarc-2.0",
	"http://dmarc.org/dmarc-xml/0.1",
};

/* ---- the dictionary ---- */

static void
drop_dict(struct dmarc_xml *x)
{
	if (x->dict)
		xmlDictFree(x->dict);
	g_clear_pointer(&x->rows, g_free);
	x->dict = NULL;
}

static const xmlChar *
dict_name(const struct dmarc_xml *x, const char *name)
{
	return xmlDictLookup(x->dict, (const xmlChar *)name, -1);
}

/* Rows of one parent stand together, so its children are a slice of them. */
static void
make_dict(struct dmarc_xml *x)
{
	x->dict = xmlDictCreate();
	x->rows = g_new(struct child, dmarc_n_field_rows);
	memset(x->children, 0, sizeof(x->children));
	for (guint i = 0; i < dmarc_n_field_rows; i++) {
		const struct field_row *row = &dmarc_field_rows[i];
		struct children *children = &x->children[row->parent];
		x->rows[i] = (struct child){ dict_name(x, row->name), row };
		if (children->n++ == 0)
			children->first = &x->rows[i];
	}
	for (guint i = 0; i < G_N_ELEMENTS(known_namespaces); i++)
		x->known_namespaces[i] = dict_name(x, known_namespaces[i]);
}

struct dmarc_xml *
dmarc_xml_new(void)
{
	struct dmarc_xml *x = g_new0(struct dmarc_xml, 1);

	x->builder = builder_new();
	return x;
}

void
dmarc_xml_free(struct dmarc_xml *x)
{
	if (!x)
		return;
	drop_dict(x);
	builder_free(x->builder);
	g_free(x);
}

/* ---- what libxml2 calls ---- */

static void
refuse(struct dmarc_xml *x, enum dmarcd_error code, const char *why)
{
	if (!x->refusal)
		g_set_error(&x->refusal, DMARCD_ERROR, (gint)code, "%s", why);
	xmlStopParser(x->context);
}

static gboolean
is_stopped(const struct dmarc_xml *x)
{
	return x->refusal || x->is_other;
}

static gboolean
check_element(struct dmarc_xml *x, int n_attributes)
{
	guint depth = x->depth + x->unknown_depth;

	x->attribute_work += (gint64)n_attributes * n_attributes;
	if (depth >= x->limits->xml_depth) {
		g_autofree char *why = g_strdup_printf(
			"XML is nested deeper than max_xml_depth (%u)", x->limits->xml_depth);
		refuse(x, DMARCD_ERROR_LIMIT, why);
	} else if (x->context->nsNr > 2 * NAMESPACES_MAX ||
		   x->attribute_work > ATTRIBUTE_WORK_MAX) {
		refuse(x, DMARCD_ERROR_LIMIT, "XML has too many attributes or namespaces");
	}
	return !is_stopped(x);
}

/* RFC 9990 section 3.2: an element of a namespace that is not the report's is an extension. */
static gboolean
is_foreign(const struct dmarc_xml *x, const xmlChar *namespace)
{
	return namespace && namespace != x->root_namespace && namespace != x->known_namespaces[0] &&
	       namespace != x->known_namespaces[1];
}

static const struct field_row *
find_row(const struct dmarc_xml *x, const xmlChar *name)
{
	enum field parent = x->depth > 0 ? x->path[x->depth - 1]->field : FIELD_DOCUMENT;
	const struct children *children = &x->children[parent];

	for (guint i = 0; i < children->n; i++)
		if (children->first[i].name == name)
			return children->first[i].row;
	return NULL;
}

static void
begin_root(struct dmarc_xml *x, const xmlChar *name, const xmlChar *namespace)
{
	x->root_namespace = namespace;
	if (find_row(x, name)) {
		g_autoptr(GString) text = g_string_new(NULL);
		if (namespace)
			text_clean((const char *)namespace, strlen((const char *)namespace), text);
		x->document->report.xmlns = document_string(x->document, text->str);
		return;
	}
	g_autoptr(GString) text = g_string_new(NULL);
	text_clean((const char *)name, strlen((const char *)name), text);
	text_cut(text, ROOT_SHOWN_LEN);
	x->complaint = g_strdup_printf("XML with the root <%s> in place of <feedback>", text->str);
	x->is_other = TRUE;
	xmlStopParser(x->context);
}

static void
on_start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		 int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
		 const xmlChar **attributes)
{
	struct dmarc_xml *x = data;

	(void)prefix;
	(void)n_namespaces;
	(void)namespaces;
	(void)n_defaulted;
	(void)attributes;
	if (is_stopped(x) || !check_element(x, n_attributes))
		return;
	if (x->depth == 0) {
		begin_root(x, name, uri);
		if (x->is_other)
			return;
	}
	const struct field_row *row =
		x->unknown_depth == 0 && !is_foreign(x, uri) ? find_row(x, name) : NULL;
	if (!row) {
		x->unknown_depth++;
		return;
	}
	x->path[x->depth++] = row;
	builder_enter(x->builder, row);
}

static void
on_end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct dmarc_xml *x = data;

	(void)name;
	(void)prefix;
	(void)uri;
	if (is_stopped(x))
		return;
	if (x->unknown_depth > 0) {
		x->unknown_depth--;
		return;
	}
	const struct field_row *row = x->path[--x->depth];
	if (!builder_leave(x->builder, row, &x->refusal))
		xmlStopParser(x->context);
	x->is_complete = x->depth == 0;
}

static void
on_characters(void *data, const xmlChar *text, int len)
{
	struct dmarc_xml *x = data;

	if (x->unknown_depth == 0 && x->depth > 0 && x->path[x->depth - 1]->value != VALUE_GROUP)
		builder_text(x->builder, (const char *)text, (gsize)len);
}

/* Of the five that XML itself knows; no others are declared, since declarations are refused. */
static xmlEntityPtr
on_entity(void *data, const xmlChar *name)
{
	(void)data;
	return xmlGetPredefinedEntity(name);
}

/* A document type that only points elsewhere does no harm: it is never fetched. */
static void
on_doctype(void *data, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
	struct dmarc_xml *x = data;

	(void)name;
	(void)external_id;
	(void)system_id;
	document_warn(x->document, "doctype-ignored", "a document type was passed over");
	if (*x->context->input->cur == '[')
		refuse(x, DMARCD_ERROR_INVALID,
		       "XML with declarations of its own (DOCTYPE) is refused");
}

static void
on_error(void *data, xmlErrorPtr cause)
{
	struct dmarc_xml *x = data;

	if (cause->level != XML_ERR_FATAL || x->complaint || is_stopped(x))
		return;
	x->has_bad_encoding = cause->code == XML_ERR_UNSUPPORTED_ENCODING ||
			      cause->code == XML_ERR_UNKNOWN_ENCODING ||
			      cause->code == XML_ERR_INVALID_ENCODING;
	if (cause->code == XML_ERR_NO_MEMORY) {
		g_autofree char *why = g_strdup_printf(
			"different names in the XML are over max_xml_name_bytes (%" G_GSIZE_FORMAT
			")",
			x->limits->xml_name_bytes);
		refuse(x, DMARCD_ERROR_LIMIT, why);
		return;
	}
	g_autoptr(GString) text = g_string_new(NULL);
	text_clean(cause->message, strlen(cause->message), text);
	text_cut(text, COMPLAINT_LEN_MAX);
	x->complaint = g_strdup_printf("line %d: %s", cause->line, text->str);
}

/* ---- one document ---- */

/* Fill libxml2's buffer as far as there is input. */
static int
on_read(void *data, char *buffer, int size)
{
	struct dmarc_xml *x = data;
	gsize n = 0;

	while (n < (gsize)size) {
		if (x->piece_len == 0 && !x->input(x->cookie, &x->piece, &x->piece_len))
			return -1;
		if (x->piece_len == 0)
			break;
		gsize len = MIN((gsize)size - n, x->piece_len);
		memcpy(buffer + n, x->piece, len);
		x->piece += len;
		x->piece_len -= len;
		n += len;
	}
	return (int)n;
}

static void
open_context(struct dmarc_xml *x)
{
	xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start_element,
		.endElementNs = on_end_element,
		.characters = on_characters,
		.ignorableWhitespace = on_characters,
		.cdataBlock = on_characters,
		.getEntity = on_entity,
		.internalSubset = on_doctype,
		.serror = on_error,
	};

	x->context = xmlCreateIOParserCtxt(&handler, x, on_read, NULL, x, XML_CHAR_ENCODING_NONE);
	xmlCtxtUseOptions(x->context, XML_PARSE_NONET | XML_PARSE_NOWARNING);
	/* The names that libxml2 itself compares by pointer must come from the same dictionary. */
	xmlDictFree(x->context->dict);
	x->context->dict = x->dict;
	xmlDictReference(x->dict);
	x->context->str_xml = dict_name(x, "xml");
	x->context->str_xmlns = dict_name(x, "xmlns");
	x->context->str_xml_ns = dict_name(x, (const char *)XML_XML_NAMESPACE);
}

static void
close_context(struct dmarc_xml *x)
{
	/* A document type leaves a tree behind, in spite of SAX. */
	xmlFreeDoc(x->context->myDoc);
	x->context->myDoc = NULL;
	xmlFreeParserCtxt(x->context);
	x->context = NULL;
	/* The limit on names is for one document: a full dictionary is not handed on. */
	if (xmlDictGetUsage(x->dict) > DICT_BYTES_KEPT || x->refusal)
		drop_dict(x);
}

/* What libxml2 made of the declaration, where one byte is one character and it knows the name. */
static char *
copy_encoding(const struct dmarc_xml *x)
{
	const struct _xmlParserInput *input = x->context->input;
	const char *encoding =
		(const char *)(input && input->encoding ? input->encoding : x->context->encoding);

	if (!encoding || x->has_bad_encoding || g_ascii_strncasecmp(encoding, "utf", 3) == 0)
		return NULL;
	return g_strdup(encoding);
}

void
dmarc_xml_read(struct dmarc_xml *x, const struct parse_limits *limits, dmarc_xml_input_fn input,
	       gpointer cookie, struct dmarc_xml_end *ret_end)
{
	if (!x->dict)
		make_dict(x);
	xmlDictSetLimit(x->dict, limits->xml_name_bytes);
	x->limits = limits;
	x->input = input;
	x->cookie = cookie;
	x->piece_len = 0;
	x->depth = 0;
	x->unknown_depth = 0;
	x->attribute_work = 0;
	x->root_namespace = NULL;
	x->is_complete = FALSE;
	x->is_other = FALSE;
	x->has_bad_encoding = FALSE;
	x->document = document_new(DOCUMENT_AGGREGATE);
	x->document->sink = limits->sink;
	builder_start(x->builder, x->document, limits);

	open_context(x);
	xmlParseDocument(x->context);
	ret_end->is_well_formed = x->context->wellFormed != 0;
	ret_end->is_other = x->is_other;
	ret_end->encoding = copy_encoding(x);
	close_context(x);

	builder_finish(x->builder);
	ret_end->refusal = g_steal_pointer(&x->refusal);
	ret_end->complaint = g_steal_pointer(&x->complaint);
	ret_end->document = g_steal_pointer(&x->document);
	if (!x->is_complete || ret_end->refusal)
		g_clear_pointer(&ret_end->document, document_free);
}

void
dmarc_xml_end_clear(struct dmarc_xml_end *end)
{
	g_clear_pointer(&end->document, document_free);
	g_clear_error(&end->refusal);
	g_clear_pointer(&end->complaint, g_free);
	g_clear_pointer(&end->encoding, g_free);
}

static xmlParserInputPtr
load_nothing(const char *url, const char *id, xmlParserCtxtPtr context)
{
	(void)url;
	(void)id;
	(void)context;
	return NULL;
}

/* What it has to say of a document is in its error; on standard error it would be noise. */
__attribute__((format(printf, 2, 3))) static void
say_nothing(void *data, const char *format, ...)
{
	(void)data;
	(void)format;
}

void
dmarc_xml_init(void)
{
	xmlInitParser();
	/* For this thread, and for those that come. */
	xmlSetGenericErrorFunc(NULL, say_nothing);
	xmlThrDefSetGenericErrorFunc(NULL, say_nothing);
	xmlSetExternalEntityLoader(load_nothing);
	names_init();
}
