module.exports = { enforceHttps: true, logLevel: process.env.LOG_LEVEL || 'info', sendMail: true };
