const { decrypt, encrypt } = require('../../src/services/encryption');

test('what was encrypted can be read again', () => {
  expect(decrypt(encrypt('ABCDE1234F'))).toBe('ABCDE1234F');
});

test('the same text never looks the same twice', () => {
  expect(encrypt('ABCDE1234F')).not.toBe(encrypt('ABCDE1234F'));
});

test('a changed text is refused', () => {
  const sealed = Buffer.from(encrypt('ABCDE1234F'), 'base64');
  sealed[sealed.length - 1] ^= 1;
  expect(() => decrypt(sealed.toString('base64'))).toThrow();
});
