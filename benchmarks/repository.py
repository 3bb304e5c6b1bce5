"""Makes a repository of a given number of files, in the proportions of a Node service."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

_ROUTE = """const express = require('express');
const {{ body, validationResult }} = require('express-validator');
const {{ find{n}, save{n} }} = require('../services/service{n}');
const authenticate = require('../middleware/authenticate');

const router = express.Router();

router.get('/', authenticate, async (req, res, next) => {{
  try {{
    res.json(await find{n}(req.query.page));
  }} catch (error) {{
    next(error);
  }}
}});

router.post('/', authenticate, body('name').isString().trim(), async (req, res, next) => {{
  const errors = validationResult(req);
  if (!errors.isEmpty()) return res.status(422).json({{ errors: errors.array() }});
  try {{
    return res.status(201).json(await save{n}(req.body));
  }} catch (error) {{
    return next(error);
  }}
}});

module.exports = router;
"""
_SERVICE = """const logger = require('../logger');
const Model{n} = require('../models/model{n}');

async function find{n}(page = 1) {{
  logger.info('finding', {{ what: 'thing{n}', page }});
  const rows = await Model{n}.findAll({{ offset: (page - 1) * 20, limit: 20, where: {{ active: true }} }});
  return rows.map((row) => ({{ id: row.id, name: row.name, total: row.price * row.count }}));
}}

async function save{n}(values) {{
  const row = await Model{n}.create({{ name: values.name, price: values.price, count: values.count }});
  logger.info('saved', {{ id: row.id }});
  return row;
}}

module.exports = {{ find{n}, save{n} }};
"""
_MODEL = """const {{ DataTypes }} = require('sequelize');
const sequelize = require('../database');

module.exports = sequelize.define('thing{n}', {{
  name: {{ type: DataTypes.STRING, allowNull: false }},
  price: {{ type: DataTypes.DECIMAL(10, 2), allowNull: false }},
  count: {{ type: DataTypes.INTEGER, defaultValue: 0 }},
  active: {{ type: DataTypes.BOOLEAN, defaultValue: true }},
}}, {{ indexes: [{{ fields: ['name'] }}] }});
"""
_TEST = """const request = require('supertest');
const app = require('../src/app');

describe('thing {n}', () => {{
  it('is listed', async () => {{
    const response = await request(app).get('/api/v1/thing{n}').set('Authorization', 'Bearer x');
    expect(response.status).toBe(200);
  }});
}});
"""
_PAGE = (
    "# Thing {n}\n\nWhat a thing is, who may change it, and how it is priced.\n\n"
    + "A paragraph of prose. " * 40
    + "\n"
)


def build(folder: Path, files: int = 1300) -> None:
    """Write the repository and commit it."""
    each = (files - 8) // 5
    (folder / "src").mkdir(parents=True)
    uses = "".join(f"app.use('/api/v1/thing{n}', require('./routes/route{n}'));\n" for n in range(each))
    packages = {
        "express": "^4.19.2",
        "helmet": "^7.1.0",
        "express-validator": "^7.0.1",
        "sequelize": "^6.37.3",
        "winston": "^3.13.0",
    }
    made = {
        "package.json": json.dumps({"name": "bench", "main": "src/server.js", "dependencies": packages}, indent=2),
        "src/app.js": "const express = require('express');\nconst helmet = require('helmet');\n\n"
        f"const app = express();\napp.use(helmet());\n{uses}\n"
        "module.exports = app;\n",
        "src/server.js": "const app = require('./app');\n\napp.listen(process.env.PORT || 3000);\n",
        "src/logger.js": "const winston = require('winston');\n\n"
        "module.exports = winston.createLogger({ format: winston.format.json(), "
        "transports: [new winston.transports.Console()] });\n",
        "src/database.js": "const { Sequelize } = require('sequelize');\n\n"
        "module.exports = new Sequelize(process.env.DATABASE_URL, { pool: { max: 20 } });\n",
        "src/middleware/authenticate.js": "module.exports = (req, res, next) => next();\n",
        "Dockerfile": 'FROM node:20.11.1-alpine\nWORKDIR /app\nCOPY . .\nUSER node\nCMD ["node", "src/server.js"]\n',
        "README.md": "# Bench\n",
    }
    for n in range(each):
        made[f"src/routes/route{n}.js"] = _ROUTE.format(n=n)
        made[f"src/services/service{n}.js"] = _SERVICE.format(n=n)
        made[f"src/models/model{n}.js"] = _MODEL.format(n=n)
        made[f"tests/thing{n}.test.js"] = _TEST.format(n=n)
        made[f"docs/thing{n}.md"] = _PAGE.format(n=n)
    for path, text in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git = ["git", "-C", str(folder), "-c", "user.name=b", "-c", "user.email=b@b", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "Bench"]):
        subprocess.run([*git, *command], check=True)
