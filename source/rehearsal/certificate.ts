/** The simulation's certificate, made once and kept in its directory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { generate } from 'selfsigned';

import { writeWhole } from './files.ts';
import { clusterDomain } from './subscription.ts';

export interface Certificate {
  /** PEM; it signs itself, so it is also what clients must trust. */
  certificate: string;
  key: string;
}

/** Names of the files in the directory. */
export const certificateFile = 'certificate.pem';
const keyFile = 'key.pem';

/** The certificate in `directory`, made for this machine's loopback and every simulated cluster when there is none yet. */
export async function certificateFor(directory: string): Promise<Certificate> {
  const paths = { certificate: join(directory, certificateFile), key: join(directory, keyFile) };
  if (existsSync(paths.certificate) && existsSync(paths.key))
    return { certificate: readFileSync(paths.certificate, 'utf8'), key: readFileSync(paths.key, 'utf8') };
  const made = await generate([{ name: 'commonName', value: 'Simulated Azure' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 5 * 365 * 24 * 60 * 60 * 1000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: `*.${clusterDomain}` },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  writeWhole(paths.key, made.private);
  writeWhole(paths.certificate, made.cert);
  return { certificate: made.cert, key: made.private };
}
