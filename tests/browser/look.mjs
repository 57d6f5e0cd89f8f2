// SPDX-License-Identifier: MIT
// look.mjs LOGIN-LINK OUTDIR - see run.sh.
import { writeFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const HTML_MAX_BYTES = 45000;
const [link, outdir] = process.argv.slice(2);
const base = new URL(link).origin;
const failures = [];

// Pages that must answer 400 or 404: the browser says so on its console.
const expected = /status of (400|404)/;

const fail = (page, what) => {
	if (expected.test(what))
		return;
	failures.push(`${page}: ${what}`);
	console.error(`FAILED ${page}: ${what}`);
};

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
	args: ['--no-sandbox'],
});

// A context that reports what the browser complains of.
async function open(name, options) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
	const page = await context.newPage();
	const place = () => `${name} ${page.url().replace(base, '')}`;
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type()))
			fail(place(), `console: ${message.text()}`);
	});
	page.on('pageerror', (error) => fail(place(), `script: ${error.message}`));
	page.on('requestfailed', (request) => {
		if (request.failure()?.errorText !== 'net::ERR_ABORTED')
			fail(place(), `request failed: ${request.url()}`);
	});
	page.on('request', (request) => {
		if (!request.url().startsWith(base) && !request.url().startsWith('data:'))
			fail(place(), `request to another site: ${request.url()}`);
	});
	return { context, page };
}

async function json(context, path) {
	const answer = await context.request.get(base + path);
	if (!answer.ok())
		throw new Error(`${path}: ${answer.status()}`);
	return answer.json();
}

// The pages to look at; the ones about one thing are taken from what the lists show.
async function find_pages(context) {
	const pages = [
		['overview', '/'],
		['overview-7d', '/?period=7d'],
		['overview-90d', '/?period=90d'],
		['overview-all', '/?period=all'],
		['overview-nothing', '/?domain=nothing.example'],
		['days', '/days'],
		['sources', '/sources'],
		['sources-list', '/sources?sort=messages'],
		['sources-tick', '/sources?sort=messages&tick=1'],
		['rules', '/rules?kind=cidr&match=198.51.100.0/24&class=forwarder'],
		['sources-nothing', '/sources?find=255.255.'],
		['senders', '/senders'],
		['networks', '/networks'],
		['networks-as', '/networks?by=as'],
		['network-nothing', '/networks/198.18.0.0'],
		['domains', '/domains'],
		['reports', '/reports?period=all'],
		['takedown', '/takedown'],
		['takedown-stale', '/takedown?left=stale'],
		['reporters', '/reporters'],
		['changes', '/changes?since=2020-01-01'],
		['changes-nothing', '/changes?rule=C12'],
		['failures', '/failures'],
		['failures-nothing', '/failures?domain=nothing.example'],
		['complaints', '/complaints?period=all'],
		['bounces', '/bounces?period=all'],
		['tls', '/tls?period=all'],
		['status', '/status'],
		['unreadable', '/unreadable'],
		['upload', '/upload'],
		['help', '/help'],
		['help-topic', '/help/takedown'],
		['appearance', '/appearance'],
		['absent', '/sources/192.0.2.255', 404],
		['wrong', '/sources/nonsense', 400],
	];
	for (const name of ['fix', 'review', 'unauthorized', 'forwarder', 'authorized']) {
		const list = await json(context, `/sources.json?class=${name}&limit=1`);
		if (list.data.length > 0) {
			pages.push([`sources-${name}`, `/sources?class=${name}`]);
			pages.push([`source-${name}`, `/sources/${list.data[0].source_ip}`]);
			// One of these is enough: their pages are the same for each class.
			if (name === 'unauthorized')
				pages.push(['network', `/networks/${list.data[0].source_ip}`]);
		}
	}
	const senders = await json(context, '/senders.json?period=all&limit=1');
	if (senders.data.length > 0)
		pages.push(['sender', `/senders/${senders.data[0].sender}`]);
	const domains = await json(context, '/domains.json?period=all&limit=1');
	if (domains.data.length > 0) {
		pages.push(['overview-domain', `/?domain=${domains.data[0].domain}`]);
		pages.push(['domain', `/domains/${domains.data[0].domain}`]);
		pages.push(['readiness', `/domains/${domains.data[0].domain}/readiness`]);
		pages.push(['readiness-what-if', `/domains/${domains.data[0].domain}/readiness?p=reject&adkim=s&rua=mailto:dmarc@reports.example`]);
	}
	const reports = await json(context, '/reports.json?period=all&limit=200');
	const reporters = await json(context, '/reporters.json?period=all&limit=1');
	if (reporters.data.length > 0)
		pages.push(['reporter', `/reporters/${encodeURIComponent(reporters.data[0].reporter)}`]);
	const odd = reports.data.find((report) => report.warnings > 0);
	const long = [...reports.data].sort((a, b) => b.messages - a.messages)[0];
	if (long)
		pages.push(['report', `/reports/${long.id}`]);
	if (odd)
		pages.push(['report-odd', `/reports/${odd.id}`]);
	for (const [name, path] of [['failure', '/failures'], ['complaint', '/complaints'], ['bounce', '/bounces'], ['tls-report', '/tls']]) {
		const list = await json(context, `${path}.json?period=all&limit=1`);
		if (list.data.length === 0)
			throw new Error(`${path} shows nothing`);
		pages.push([name, `${path}/${list.data[0].id}`]);
	}
	return pages;
}

async function check_axe(page, place) {
	const { violations } = await new AxeBuilder({ page })
		.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
		.analyze();
	for (const violation of violations)
		fail(place, `axe ${violation.id}: ${violation.help}: ` +
			violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | '));
}

async function check_width(page, place) {
	const [wide, screen] = await page.evaluate(() =>
		[document.documentElement.scrollWidth, document.documentElement.clientWidth]);
	if (wide > screen)
		fail(place, `is ${wide} pixels wide on a screen of ${screen}`);
}

async function look(page, name, path, status, shot, want_axe) {
	const place = `${shot} ${path}`;
	const answer = await page.goto(base + path, { waitUntil: 'load' });
	if (answer.status() !== status)
		fail(place, `answers ${answer.status()}, not ${status}`);
	const bytes = (await answer.body()).length;
	if (bytes > HTML_MAX_BYTES)
		fail(place, `is ${bytes} bytes, more than ${HTML_MAX_BYTES}`);
	await check_width(page, place);
	if (want_axe)
		await check_axe(page, place);
	await page.screenshot({ path: `${outdir}/${name}-${shot}.png`, fullPage: true });
	return bytes;
}

async function main() {
	const first = await open('login', {});
	await first.page.goto(link);
	const cookies = await first.context.cookies();
	const pages = await find_pages(first.context);
	const sizes = {};
	const looks = [
		['1280-light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
		['1280-dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
		['320-light', { viewport: { width: 320, height: 800 }, colorScheme: 'light' }],
		['320-dark', { viewport: { width: 320, height: 800 }, colorScheme: 'dark' }],
		['768-light', { viewport: { width: 768, height: 1000 }, colorScheme: 'light' }],
		['noscript', { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false }],
	];
	for (const [shot, options] of looks) {
		const { context, page } = await open(shot, options);
		await context.addCookies(cookies);
		for (const [name, path, status = 200] of pages)
			sizes[name] = await look(page, name, path, status, shot, shot.startsWith('1280') || shot.startsWith('320'));
		await context.close();
	}

	const outside = await open('outside', {});
	await look(outside.page, 'login', '/login', 200, '1280-light', true);
	await outside.context.close();
	await first.context.close();
	await writeFile(`${outdir}/sizes.json`, JSON.stringify(sizes, null, '\t'));
	return Object.keys(sizes).length;
}

let n_pages = 0;
try {
	n_pages = await main();
} finally {
	await browser.close();
}
console.log(`screenshots in ${outdir}`);
console.log(`${n_pages} passed, ${failures.length} failed`);
process.exit(failures.length > 0 ? 1 : 0);
