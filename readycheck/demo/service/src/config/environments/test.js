module.exports = { enforceHttps: false, logLevel: 'error', sendMail: false };
