// The quickstart: two demo services and a gateway before them, in one process. `npm start` runs this.
import { fileURLToPath } from 'node:url';
import { main } from '../../packages/cli/src/main.ts';
import { startOrders } from './services/orders.ts';
import { startUsers } from './services/users.ts';

const configuration = fileURLToPath(new URL('gateway.yaml', import.meta.url));
const portFrom = (name: string, usual: number): number => Number(process.env[name] ?? usual);

try {
  const users = await startUsers(portFrom('USERS_PORT', 9001));
  const orders = await startOrders(portFrom('ORDERS_PORT', 9002));
  await main(['start', configuration]);
  for (const service of [users, orders]) {
    service.close();
    service.closeAllConnections();
  }
} catch (error) {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  console.error(`A demo service cannot start: ${error.message}`);
  console.error('Choose other ports: USERS_PORT=9101 ORDERS_PORT=9102 PORT=8081 ADMIN_PORT=9902 npm start');
  process.exit(1);
}
