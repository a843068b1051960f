import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { AcmeStorage } from './acme-storage.ts';

/** The key of an account, of P-256, made when there is none yet. Of several gateways that begin together all get the first. */
export async function keptAccount(storage: AcmeStorage, name: string): Promise<KeyObject> {
  const before = await storage.read(name);
  if (before !== null) return readable(before);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await storage.create(name, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const kept = await storage.read(name);
  if (kept === null) throw new Error('the account went away');
  return readable(kept);
}

/** Never replaced by itself: the authority may know the account by this key only (External Account Binding). */
function readable(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Error('the key of the account in the storage cannot be read', { cause });
  }
}
