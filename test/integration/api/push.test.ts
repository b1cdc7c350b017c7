import { createConcurSandbox } from '../../../sandbox';
import { waitUntil } from '../../support/wait-until';
import { aSigner, COMPANY, EVENTS, keysFile, keysOf, SECRET } from '../../unit/api/push-support';
import { aBench, entityIn, SETTINGS } from '../../unit/api/support';

it('a change in the simulated Concur, told twice and signed, becomes one poll', async () => {
  const signer = aSigner('concur-1');
  const file = keysFile(keysOf(signer));
  const bench = await aBench({
    settings: { ...SETTINGS, CONCUR_PUSH_SECRET: SECRET, CONCUR_PUSH_KEYS_FILE: file.path },
  });
  const sandbox = createConcurSandbox({ now: () => bench.clock.now().getTime() });
  try {
    await entityIn(bench, 'acme');
    const url = await bench.api.listen({ host: '127.0.0.1', port: 0 });
    const { admin } = sandbox;
    admin.putCompany({ companyUuid: COMPANY, behaviour: { pushDelivery: 'twice' } });
    admin.seedProfile({ companyUuid: COMPANY, loginId: 'before@example.com' });
    const privateKeyPem = signer.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const shown = admin.subscribe({
      companyUuid: COMPANY,
      url: `${url}${EVENTS}`,
      secret: SECRET,
      signingKey: { id: signer.id, privateKeyPem },
    });
    expect(JSON.stringify(shown)).not.toContain(SECRET);
    admin.editProfile('before@example.com', { sections: { general: { jobTitle: 'Pilot' } } });
    await waitUntil('both pushes are sent', () => admin.counters.push?.sent === 2);
    expect(admin.counters.push).toEqual({ sent: 2, failed: 0, dropped: 0 });
    await waitUntil('the poll is asked for', () => bench.engine.delivered.length > 0);
    expect(bench.engine.delivered).toMatchObject([{ entityId: 'acme', request: { kind: 'poll' } }]);
  } finally {
    await sandbox.close();
    await bench.close();
    file.remove();
  }
});
