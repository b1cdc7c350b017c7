import { type SandboxResponse } from './types';
import { type World } from './world';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] ?? '');

/** `/`: says plainly what this is and what is in it. */
export function page(world: World): SandboxResponse {
  const rows = world.store.allCompanies().map((company) => {
    const count = world.store.inOrder(company.companyUuid).size;
    const { name, companyUuid, dataCentre } = company;
    return `<tr>${[name, companyUuid, dataCentre, String(count)].map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`;
  });
  const centres = world.dataCentres.map(({ name, origin }) => `<li>${escape(name)}: ${escape(origin)}</li>`);
  const routes = [
    'companies',
    'profiles',
    'faults',
    'script',
    'clock',
    'behaviour',
    'subscriptions',
    'counters',
    'token-requests',
    'calls',
    'violations',
  ];
  const links = routes.map((route) => `<li><a href="/_admin/${route}">/_admin/${route}</a></li>`);
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Concordance sandbox: simulated Concur</title></head>
<body style="font-family: sans-serif; max-width: 60em; margin: 2em auto">
<p style="background: #fc0; padding: 1em"><strong>This is a simulation of SAP Concur</strong> for development and
tests. It is not SAP Concur, not made by SAP, and everything in it is made up.</p>
<h1>Simulated Concur</h1>
<ul>${centres.join('')}</ul>
<table border="1" cellpadding="6"><tr><th>Company</th><th>UUID</th><th>Data centre</th><th>Profiles</th></tr>
${rows.join('\n')}</table>
<ul>${links.join('')}</ul>
</body></html>
`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'x-concordance-sandbox': 'simulation',
    },
    body,
  };
}
