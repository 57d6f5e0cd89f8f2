/* SPDX-License-Identifier: MIT */
/* Small comforts; every page is complete without them. */
"use strict";

/* "/" goes to the search field, unless something is being typed. */
addEventListener("keydown", (event) => {
	const search = document.querySelector('.top input[type="search"]');
	const typing = event.target.closest("input, textarea, select, [contenteditable]");

	if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing || !search)
		return;
	event.preventDefault();
	search.focus();
});

/* The menu closes on Escape and on a click elsewhere. */
addEventListener("keydown", (event) => {
	const open = event.key === "Escape" && document.querySelector(".more[open]");

	if (!open)
		return;
	open.open = false;
	open.querySelector("summary").focus();
});
addEventListener("click", (event) => {
	const open = document.querySelector(".more[open]");

	if (open && !open.contains(event.target))
		open.open = false;
});

/* A field that is there to be copied is selected as a whole. */
addEventListener("focusin", (event) => {
	if (event.target.matches("input[readonly], textarea[readonly]"))
		event.target.select();
});
