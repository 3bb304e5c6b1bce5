const path = require('node:path');
const express = require('express');

const router = express.Router();
const options = {
  root: path.join(__dirname, '..', '..', 'public'),
  cacheControl: false,
  headers: { 'Cache-Control': 'private, no-cache' },
};

router.get('/', (req, res) => res.sendFile('index.html', options));
router.get('/privacy', (req, res) => res.sendFile('privacy.html', options));

module.exports = router;
