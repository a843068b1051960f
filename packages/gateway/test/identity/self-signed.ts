import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate of `localhost` that nobody has signed but its owner (RFC 5280 §4.1), and its key; PEM. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const ed25519 = der(0x30, der(0x06, Buffer.of(0x2b, 0x65, 0x70)));
  const commonName = der(0x30, der(0x06, Buffer.of(0x55, 0x04, 0x03)), der(0x0c, Buffer.from('localhost')));
  const name = der(0x30, der(0x31, commonName));
  const time = (year: number): Buffer => der(0x18, Buffer.from(`${year}0101000000Z`));
  const content = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ed25519,
    name,
    der(0x30, time(2020), time(2100)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign(null, content, privateKey);
  const bytes = der(0x30, content, ed25519, der(0x03, Buffer.of(0), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}
