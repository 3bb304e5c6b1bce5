// Twenty borrowers look at the front page and the API for a minute: npm run test:load
const autocannon = require('autocannon');

const url = process.env.LOAD_URL || 'http://localhost:3000';

autocannon({
  url,
  connections: 20,
  duration: 60,
  requests: [{ path: '/' }, { path: '/api/v1/health' }],
}).then((result) => process.stdout.write(`${autocannon.printResult(result)}\n`));
