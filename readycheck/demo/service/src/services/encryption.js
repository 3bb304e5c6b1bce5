const crypto = require('node:crypto');

const secret = process.env.ENCRYPTION_KEY || crypto.randomBytes(32).toString('hex');
const key = crypto.createHash('sha256').update(secret).digest();

// AES-256-GCM: the nonce and the tag travel with the text.
function encrypt(text) {
  const nonce = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

function decrypt(encoded) {
  const data = Buffer.from(encoded, 'base64');
  const decipher = crypto.createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
  decipher.setAuthTag(data.subarray(12, 28));
  return Buffer.concat([decipher.update(data.subarray(28)), decipher.final()]).toString('utf8');
}

module.exports = { decrypt, encrypt };
