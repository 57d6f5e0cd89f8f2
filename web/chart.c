/* SPDX-License-Identifier: MIT */
#include "web/chart.h"

#define LABEL_HEIGHT  24 /* below the plot */
#define HEADROOM      24 /* above the highest bar, for the note */
#define AXIS_WIDTH    44
#define AXIS_GAP      10    /* between a figure and the plot */
#define TEXT_DROP     4     /* from a line to the base of the text beside it */
#define SOLID_HEIGHT  5     /* a lower segment shows no pattern and has no gap */
#define BAR_SHARE     0.795 /* of its pitch */
#define BAR_WIDTH_MAX 12.0
#define FULL          100.0
#define LABELS_MAX    6
#define LATE_WIDE     18.0 /* what "not complete" takes of the width on a wide screen ... */
#define LATE_NARROW   45.0 /* ... and on a phone, with half a label beside it */
#define EDGE          96.0 /* a label right of this ends at the edge */

#define SPARK_WIDTH  90
#define SPARK_HEIGHT 18
#define SPARK_PITCH  3
#define WIDE_HEIGHT  44

struct plot {
	const struct chart *chart;
	GString *out;
	double top;    /* the value at y = 0 */
	double pitch;  /* per cent */
	double width;  /* of a bar */
	double indent; /* of a bar in its pitch */
};

/* Per cent with two digits, whatever the locale. */
static const char *
per_cent(double x, char buffer[G_ASCII_DTOSTR_BUF_SIZE])
{
	return g_ascii_formatd(buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.2f", x);
}

static void
append_escaped(GString *out, const char *text)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);

	g_string_append(out, escaped);
}

static void
append_x(GString *out, const char *name, double x)
{
	char buffer[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(out, " %s=\"%s%%\"", name, per_cent(x, buffer));
}

/* How high a value is drawn: at least one pixel, so that nothing that is there is invisible. */
static guint
value_height(gint64 value, double top, guint height)
{
	if (value <= 0 || top <= 0)
		return 0;

	double pixels = (double)value / top * (double)height;
	return pixels < 1.0 ? 1 : (guint)(pixels + 0.5);
}

gint64
chart_step(gint64 max)
{
	gint64 step = 1;

	for (;;) {
		static const gint64 factors[] = { 1, 2, 5 };
		for (gsize i = 0; i < G_N_ELEMENTS(factors); i++)
			if (max / (step * factors[i]) < 5)
				return step * factors[i];
		step *= 10;
	}
}

static gint64
bar_sum(const struct chart *chart, guint i)
{
	gint64 sum = 0;

	for (guint s = 0; s < chart->n_series; s++)
		if (__builtin_add_overflow(sum, chart->bars[i].values[s], &sum))
			return G_MAXINT64;
	return sum;
}

static gint64
highest(const struct chart *chart)
{
	gint64 max = 0;

	for (guint i = 0; i < chart->n_bars; i++)
		max = MAX(max, bar_sum(chart, i));
	return max;
}

static gint64
max_of(const gint64 *values, guint n)
{
	gint64 max = 0;

	for (guint i = 0; i < n; i++)
		max = MAX(max, values[i]);
	return max;
}

static double
bar_x(const struct plot *plot, guint i)
{
	return plot->pitch * i + plot->indent;
}

/* 1,000 -> "1,000"; above a million in words that fit: "2M". */
static char *
axis_figure(gint64 value)
{
	if (value >= 1000000000)
		return g_strdup_printf("%.4gG", (double)value / 1e9);
	if (value >= 1000000)
		return g_strdup_printf("%.4gM", (double)value / 1e6);
	if (value >= 1000)
		return g_strdup_printf("%d,%03d", (int)(value / 1000), (int)(value % 1000));
	return g_strdup_printf("%d", (int)value);
}

static double
line_y(const struct plot *plot, gint64 value)
{
	double height = plot->chart->height;

	return height - (double)value / plot->top * height;
}

static void
append_axis(const struct plot *plot, gint64 step, gint64 max)
{
	GString *out = plot->out;

	g_string_append_printf(out, "<svg width=\"%d\" height=\"%u\" aria-hidden=\"true\">",
			       AXIS_WIDTH, plot->chart->height + LABEL_HEIGHT);
	for (gint64 i = 0; i <= max / step; i++) {
		gint64 value = i * step;
		g_autofree char *figure = axis_figure(value);
		g_string_append_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
				       AXIS_WIDTH - AXIS_GAP, (int)line_y(plot, value) + TEXT_DROP,
				       figure);
	}
	g_string_append(out, "</svg>");
}

static void
append_grid(const struct plot *plot, gint64 step, gint64 max)
{
	for (gint64 i = 1; i <= max / step; i++) {
		int y = (int)line_y(plot, i * step);
		g_string_append_printf(
			plot->out, "<line class=\"grid\" x2=\"100%%\" y1=\"%d.5\" y2=\"%d.5\"/>", y,
			y);
	}
}

static void
append_rect(const struct plot *plot, guint bar, guint y, guint height)
{
	append_x(plot->out, "x", bar_x(plot, bar));
	g_string_append_printf(plot->out, " y=\"%u\"", y);
	append_x(plot->out, "width", plot->width);
	g_string_append_printf(plot->out, " height=\"%u\"/>", height);
}

/* One layer over all bars; floors holds where each bar's next segment stands. */
static void
append_series(const struct plot *plot, guint s, guint *floors)
{
	const struct chart *chart = plot->chart;
	const struct chart_series *series = &chart->series[s];
	GString *out = plot->out;

	g_string_append(out, "<g");
	if (series->css)
		g_string_append_printf(out, " class=\"%s\"", series->css);
	if (series->pattern)
		g_string_append_printf(out, " fill=\"url(#%s)\"", series->pattern);
	g_string_append_c(out, '>');
	for (guint i = 0; i < chart->n_bars; i++) {
		guint height = value_height(chart->bars[i].values[s], plot->top, chart->height);
		if (height == 0)
			continue;
		height = MIN(height, floors[i]);
		floors[i] -= height;
		gboolean is_solid = height <= SOLID_HEIGHT;
		g_string_append(out,
				is_solid && series->pattern ? "<rect class=\"fill\"" : "<rect");
		append_rect(plot, i, floors[i], is_solid ? height : height - 1);
	}
	g_string_append(out, "</g>");
}

static void
append_late(const struct plot *plot, const guint *floors)
{
	const struct chart *chart = plot->chart;

	for (guint i = 0; i < chart->n_bars; i++) {
		if (!chart->bars[i].is_late || floors[i] == chart->height)
			continue;
		g_string_append(plot->out, "<rect fill=\"url(#p-late)\"");
		append_rect(plot, i, floors[i], chart->height - floors[i]);
	}
}

static void
append_text(const struct plot *plot, double x, guint y, const char *text, gboolean is_minor)
{
	g_string_append(plot->out, is_minor ? "<text class=\"minor\"" : "<text");
	append_x(plot->out, "x", MIN(x, FULL));
	g_string_append_printf(plot->out, " y=\"%u\" text-anchor=\"%s\">", y,
			       x > EDGE ? "end" : "middle");
	append_escaped(plot->out, text);
	g_string_append(plot->out, "</text>");
}

/* At most LABELS_MAX of the labels, every other one only on wide screens. */
static void
append_labels(const struct plot *plot)
{
	const struct chart *chart = plot->chart;
	guint every = (chart->n_bars + LABELS_MAX - 1) / LABELS_MAX;
	guint y = chart->height + LABEL_HEIGHT - 6;
	gboolean has_late = chart->late && chart->bars[chart->n_bars - 1].is_late;
	guint shown = 0;

	for (guint i = (every - 1) / 2; i < chart->n_bars; i += every) {
		double x = bar_x(plot, i) + plot->width / 2;
		if (!chart->bars[i].label || (has_late && x > FULL - LATE_WIDE))
			continue;
		gboolean is_close = has_late && x > FULL - LATE_NARROW;
		append_text(plot, x, y, chart->bars[i].label, shown++ % 2 == 1 || is_close);
	}
	if (has_late)
		append_text(plot, FULL, y, chart->late, FALSE);
}

static void
append_note(const struct plot *plot, const guint *floors)
{
	const struct chart *chart = plot->chart;

	if (!chart->note)
		return;
	guint floor = floors[chart->note_bar];
	double x = CLAMP(bar_x(plot, chart->note_bar) + plot->width / 2, 8.0, FULL);
	append_text(plot, x, floor > 8 ? floor - 6 : floor, chart->note, TRUE);
}

/* Over everything lies one transparent bar for each day: the link, and what the day says. */
static void
append_hits(const struct plot *plot)
{
	const struct chart *chart = plot->chart;
	GString *out = plot->out;

	g_string_append(out, "<g class=\"hits\">");
	for (guint i = 0; i < chart->n_bars; i++) {
		const struct chart_bar *bar = &chart->bars[i];
		g_string_append(out, bar->href ? "<a href=\"" : "<g>");
		if (bar->href) {
			append_escaped(out, bar->href);
			g_string_append(out, "\">");
		}
		g_string_append(out, "<title>");
		append_escaped(out, bar->title);
		g_string_append(out, "</title><rect class=\"hit\"");
		append_x(out, "x", plot->pitch * i);
		append_x(out, "width", plot->pitch);
		g_string_append_printf(out, " height=\"%u\"/>%s", chart->height,
				       bar->href ? "</a>" : "</g>");
	}
	g_string_append(out, "</g>");
}

static void
append_head(const struct plot *plot)
{
	const struct chart *chart = plot->chart;
	GString *out = plot->out;

	g_string_append_printf(out,
			       "<svg width=\"100%%\" height=\"%u\" role=\"group\" "
			       "aria-labelledby=\"%s-t %s-d\"><title id=\"%s-t\">",
			       chart->height + LABEL_HEIGHT, chart->id, chart->id, chart->id);
	append_escaped(out, chart->title);
	g_string_append_printf(out, "</title><desc id=\"%s-d\">", chart->id);
	append_escaped(out, chart->desc);
	g_string_append(out, "</desc>");
}

char *
chart_stacked(const struct chart *chart)
{
	gint64 max = highest(chart);
	gint64 step = chart_step(max);
	double room = (double)(chart->height - HEADROOM) / (double)chart->height;
	struct plot plot = { chart, g_string_new(NULL), 0, 0, 0, 0 };

	plot.top = (double)MAX(max, 1) / room;
	plot.pitch = FULL / chart->n_bars;
	plot.width = MIN(plot.pitch * BAR_SHARE, BAR_WIDTH_MAX);
	plot.indent = (plot.pitch - plot.width) / 2;

	g_autofree guint *floors = g_new0(guint, chart->n_bars);
	for (guint i = 0; i < chart->n_bars; i++)
		floors[i] = chart->height;

	append_axis(&plot, step, max);
	append_head(&plot);
	append_grid(&plot, step, max);
	for (guint s = 0; s < chart->n_series; s++)
		append_series(&plot, s, floors);
	append_late(&plot, floors);
	g_string_append_printf(plot.out,
			       "<line class=\"base\" x2=\"100%%\" y1=\"%u.5\" y2=\"%u.5\"/>",
			       chart->height, chart->height);
	append_labels(&plot);
	append_note(&plot, floors);
	append_hits(&plot);
	g_string_append(plot.out, "</svg>");
	return g_string_free(plot.out, FALSE);
}

char *
chart_spark(const gint64 *values, guint n, const char *css)
{
	GString *out = g_string_new(NULL);
	gint64 max = max_of(values, n);
	guint left = SPARK_WIDTH - MIN(n, CHART_SPARK_BARS) * SPARK_PITCH;

	/* One path of strokes two pixels wide: a third of the bytes that filled bars take. */
	g_string_append_printf(out, "<svg class=\"spark %s\" aria-hidden=\"true\"><path d=\"", css);
	for (guint i = 0; i < MIN(n, CHART_SPARK_BARS); i++) {
		guint height = value_height(values[i], (double)max, SPARK_HEIGHT - 1);
		if (height > 0)
			g_string_append_printf(out, "M%u 18v-%u", left + i * SPARK_PITCH + 1,
					       height);
	}
	g_string_append(out, "\"/></svg>");
	return g_string_free(out, FALSE);
}

char *
chart_spark_wide(const gint64 *values, guint n, const char *css, const char *label)
{
	GString *out = g_string_new(NULL);
	gint64 max = max_of(values, n);
	double pitch = FULL / MAX(n, 1);
	char x[G_ASCII_DTOSTR_BUF_SIZE], width[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(out, "<svg class=\"spark wide %s\" role=\"img\" aria-label=\"", css);
	append_escaped(out, label);
	g_string_append(out, "\"><line class=\"base\" x2=\"100%\" y1=\"43.5\" y2=\"43.5\"/>"
			     "<g class=\"fill\">");
	per_cent(MIN(pitch * BAR_SHARE, BAR_WIDTH_MAX), width);
	for (guint i = 0; i < n; i++) {
		guint height = value_height(values[i], (double)max, WIDE_HEIGHT - 2);
		if (height > 0)
			g_string_append_printf(
				out, "<rect x=\"%s%%\" y=\"%u\" width=\"%s%%\" height=\"%u\"/>",
				per_cent(pitch * (i + (1.0 - BAR_SHARE) / 2), x),
				WIDE_HEIGHT - height, width, height);
	}
	g_string_append(out, "</g></svg>");
	return g_string_free(out, FALSE);
}

char *
chart_run(gint64 from, gint64 to, gint64 limit, const char *css)
{
	gint64 left = CLAMP(MIN(from, to), 0, (gint64)FULL);
	gint64 right = CLAMP(MAX(from, to), 0, (gint64)FULL);

	return g_strdup_printf(
		"<svg class=\"run %s\" aria-hidden=\"true\"><line class=\"base\" x2=\"100%%\" "
		"y1=\"25\" y2=\"25\" stroke-opacity=\".35\"/><rect class=\"fill\" "
		"x=\"%" G_GINT64_FORMAT "%%\" y=\"19\" width=\"%" G_GINT64_FORMAT
		"%%\" height=\"12\"/><line class=\"mark\" x1=\"%" G_GINT64_FORMAT
		"%%\" x2=\"%" G_GINT64_FORMAT "%%\" y2=\"50\"/></svg>",
		css, left, right - left, limit, limit);
}
