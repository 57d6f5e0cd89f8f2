/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/command.h"
#include "ingest/worker_child.h"

static int
run(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	(void)argv;
	if (argc > 1 || isatty(STDIN_FILENO)) {
		fputs("dmarcd worker: this is what dmarcd itself starts to parse mails; "
		      "people want `dmarcd parse`\n",
		      stderr);
		return EX_USAGE;
	}
	if (!worker_child_run(&error))
		return command_fail(&command_worker, error);
	return EX_OK;
}

const struct command command_worker = {
	.name = "worker",
	.arguments = "",
	.summary = "Parse mails for another process of dmarcd (internal).",
	.is_internal = TRUE,
	.run = run,
};
