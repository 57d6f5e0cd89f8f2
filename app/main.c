/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

#include "app/command.h"
#include "app/nearest.h"
#include "ingest/parse.h"

static const struct command *const commands[] = {
	&command_serve, &command_ingest,   &command_parse,  &command_stats,  &command_export,
	&command_retry, &command_classify, &command_user,   &command_token,  &command_oauth,
	&command_rule,  &command_reporter, &command_config, &command_doctor, &command_worker,
};

static void
print_help(FILE *out)
{
	fputs("Usage: dmarcd COMMAND [OPTION...] [ARGUMENT...]\n\n"
	      "A DMARC report server: reads report mail, keeps it, and shows who sends in your "
	      "name.\n\nCommands:\n",
	      out);
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		if (!commands[i]->is_internal)
			fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`dmarcd COMMAND --help` lists a command's options; dmarcd(8) is the manual.\n",
	      out);
}

static const struct command *
find_command(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		if (g_str_equal(name, commands[i]->name))
			return commands[i];
	return NULL;
}

static int
fail_unknown(const char *name)
{
	struct nearest nearest = { .typed = name };

	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		if (!commands[i]->is_internal)
			nearest_try(&nearest, commands[i]->name);
	g_autofree char *hint = nearest_hint(&nearest);
	fprintf(stderr, "dmarcd: unknown %s \"%s\"%s `dmarcd --help` lists the commands\n",
		*name == '-' ? "option" : "command", name, *hint ? hint : ";");
	return EX_USAGE;
}

int
main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	/* A reader that goes away is an error of that write, not the end of the program. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_help(stderr);
		return EX_USAGE;
	}
	if (g_str_equal(argv[1], "--help") || g_str_equal(argv[1], "-h") ||
	    g_str_equal(argv[1], "help")) {
		print_help(stdout);
		return EX_OK;
	}
	if (g_str_equal(argv[1], "--version")) {
		puts("dmarcd " DMARCD_VERSION);
		return EX_OK;
	}
	const struct command *command = find_command(argv[1]);
	if (!command)
		return fail_unknown(argv[1]);
	parse_init();
	return command->run(argc - 1, argv + 1);
}
