const request = require('supertest');

const app = require('../../src/app');
const { AuditLog, sequelize } = require('../../src/models');
const person = require('../people');

const registration = {
  mobile: '+910000000009',
  email: 'bo@example.com',
  fullName: 'Bo Baker',
  password: 'a long walk on a short pier',
  pan: 'ABCDE1234F',
  privacyVersion: '2024-07',
};

beforeEach(() => sequelize.sync({ force: true }));

test('a new borrower registers and logs in', async () => {
  const made = await request(app).post('/api/v1/auth/register').send(registration);
  expect(made.status).toBe(201);
  const { mobile, password } = registration;
  const login = await request(app).post('/api/v1/auth/login').send({ mobile, password });
  expect(login.body.token).toMatch(/^ey/);
});

test('a user sees, changes and exports their data', async () => {
  const { bearer } = await person('borrower', '+910000000001');
  const changed = await request(app).patch('/api/v1/users/me').set('Authorization', bearer).send({ fullName: 'New' });
  expect(changed.status).toBe(204);
  const me = await request(app).get('/api/v1/users/me').set('Authorization', bearer);
  expect(me.body.fullName).toBe('New');
  const data = await request(app).get('/api/v1/users/me/export').set('Authorization', bearer);
  expect(data.headers['content-disposition']).toContain('my-data.json');
});

test('a user gives a consent and asks to be erased', async () => {
  const { bearer } = await person('borrower', '+910000000001');
  const consent = { purpose: 'marketing', version: '2024-07' };
  const given = await request(app).post('/api/v1/users/me/consents').set('Authorization', bearer).send(consent);
  expect(given.body.givenAt).toBeDefined();
  const erased = await request(app).delete('/api/v1/users/me').set('Authorization', bearer);
  expect(erased.status).toBe(202);
  expect(await AuditLog.count()).toBe(2);
});

test('only an admin lists the users', async () => {
  const officer = await person('officer', '+910000000001');
  const admin = await person('admin', '+910000000002');
  const refused = await request(app).get('/api/v1/users').set('Authorization', officer.bearer);
  expect(refused.status).toBe(403);
  const listed = await request(app).get('/api/v1/users').set('Authorization', admin.bearer);
  expect(listed.body).toHaveLength(2);
});
