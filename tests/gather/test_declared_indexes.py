"""The indexes that models and builders of each framework declare, as their own documentation writes them."""

from __future__ import annotations

import pytest
from gather.test_migrations import indexes

LARAVEL = """<?php
return new class extends Migration {
    public function up() {
        Schema::create('loans', function (Blueprint $table) {
            $table->id();
            $table->string('state')->index();
            $table->string('number')->nullable()->unique();
            $table->index(['customer_id', 'state'], 'loans_by_customer');
            $table->unique('mail');
            $table->fullText('body');
            // $table->index('never');
        });
        Schema::table('payments', function (Blueprint $table) { $table->index('loan_id'); });
    }
    public function down() {
        Schema::table('payments', function (Blueprint $table) { $table->index('old'); });
    }
};
"""
KNEX = """
exports.up = async (knex) => {
  await knex.schema.createTable('loans', (table) => {
    table.increments('id');
    table.string('state').notNullable().index();
    table.index(['customer_id', 'state'], 'loans_by_customer');
    table.unique(['number']);
  });
  await knex.raw('CREATE INDEX raw_one ON loans (at)');
};
exports.down = (knex) => knex.schema.table('loans', (t) => t.index(['old']));
"""
SCHEMA_RB = """
ActiveRecord::Schema[7.1].define(version: 2024_01_01_000000) do
  create_table "loans", force: :cascade do |t|
    t.string "state"
    t.index ["customer_id", "state"], name: "by_customer"
    t.index ["body"], name: "words", using: :gin
    t.index ["at"], name: "open_ones", where: "(closed IS NULL)"
  end
  create_table "payments" do |t|
    t.index ["loan_id"], name: "by_loan"
  end
end
"""
RAILS = """
class A < ActiveRecord::Migration[7.0]
  def change
    create_table :loans do |t|
      t.references :customer, null: false, foreign_key: true
      t.references :about, polymorphic: true
      t.references :plain, index: false
      t.string :number, index: true
    end
  end
end
"""
DJANGO = """
from django.db import models

class Base(models.Model):
    class Meta:
        abstract = True

class Loan(models.Model):
    customer = models.ForeignKey("Customer", on_delete=models.CASCADE)
    agent = models.ForeignKey("Agent", on_delete=models.CASCADE, db_index=False)
    state = models.CharField(max_length=9, db_index=True)
    number = models.CharField(max_length=9, unique=True, db_column="no")
    at = models.DateTimeField()
    objects = Manager(db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "-at"], name="by_state"),
            models.Index(fields=["at"], condition=models.Q(state="open"), name="open_ones"),
        ]
        unique_together = ("customer", "number")

class Named(models.Model):
    slug = models.SlugField()
    class Meta:
        db_table = "own"
"""
ENTITY = """
@Entity('loans')
@Index('by_customer', ['customer', 'state'])
@Index(['at'], { where: '"closed" IS NULL' })
export class Loan {
  @PrimaryGeneratedColumn()
  id: number;

  @Index()
  @Column({ name: 'loan_state', length: 9 })
  state: string;

  @ManyToOne(() => Customer, (customer) => customer.loans)
  customer: Customer;

  @Index({ unique: true })
  @Column()
  number: string;
}
"""
TYPEORM = """
export class A1700000000000 implements MigrationInterface {
  public async up(q: QueryRunner): Promise<void> {
    await q.createIndex('loans', new TableIndex({ name: 'IDX_AT', columnNames: ['at', 'state'] }));
    await q.query(`CREATE INDEX "IDX_RAW" ON "loans" ("number") `);
  }
  public async down(q: QueryRunner): Promise<void> {
    await q.query(`CREATE INDEX "IDX_OLD" ON "loans" ("old") `);
  }
}
"""
SEQUELIZE = """
module.exports = (sequelize, DataTypes) => {
  const Loan = sequelize.define('Loan', { state: DataTypes.STRING }, {
    tableName: 'loans',
    indexes: [
      { unique: true, fields: ['number'] },
      { name: 'by_customer', fields: ['customerId', 'state'] },
      { fields: ['body'], using: 'gin' },
    ],
  });
  return Loan;
};
"""
INIT = """
class Category extends Model {}
Category.init({}, { sequelize, modelName: 'Category', underscored: true, indexes: [{ fields: ['parentId'] }] });
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "database/migrations/1_a.php",
            LARAVEL,
            {
                ("loans", ("state",), ""),
                ("loans", ("number",), ""),
                ("loans", ("customer_id", "state"), "loans_by_customer"),
                ("loans", ("mail",), ""),
                ("payments", ("loan_id",), ""),
            },
        ),
        (
            "migrations/1_a.js",
            KNEX,
            {
                ("loans", ("state",), ""),
                ("loans", ("customer_id", "state"), "loans_by_customer"),
                ("loans", ("number",), ""),
                ("loans", ("at",), "raw_one"),
            },
        ),
        (
            "db/schema.rb",
            SCHEMA_RB,
            {("loans", ("customer_id", "state"), "by_customer"), ("payments", ("loan_id",), "by_loan")},
        ),
        ("db/migrate/1_a.rb", RAILS, {("loans", ("customer_id",), ""), ("loans", ("number",), "")}),
        (
            "lending/models.py",
            DJANGO,
            {
                ("lending_loan", ("customer_id",), ""),
                ("lending_loan", ("state",), ""),
                ("lending_loan", ("no",), ""),
                ("lending_loan", ("state", "at"), "by_state"),
                ("lending_loan", ("customer_id", "no"), ""),
                ("own", ("slug",), ""),
            },
        ),
        (
            "src/loan.entity.ts",
            ENTITY,
            {
                ("loans", ("customerId", "loan_state"), "by_customer"),
                ("loans", ("loan_state",), ""),
                ("loans", ("number",), ""),
            },
        ),
        ("src/migrations/1-a.ts", TYPEORM, {("loans", ("at", "state"), "IDX_AT"), ("loans", ("number",), "IDX_RAW")}),
        (
            "models/loan.js",
            SEQUELIZE,
            {("loans", ("number",), ""), ("loans", ("customerId", "state"), "by_customer")},
        ),
        ("src/models/category.ts", INIT, {("Categories", ("parent_id",), "")}),
    ],
    ids=["laravel", "knex", "schema.rb", "rails", "django", "typeorm-entity", "typeorm", "sequelize", "sequelize-init"],
)
def test_what_a_framework_declares_is_found(
    path: str, text: str, expected: set[tuple[str, tuple[str, ...], str]]
) -> None:
    assert indexes({path: text}) == expected


def test_what_rails_dumped_stands_for_its_migrations() -> None:
    """A migration whose index was dropped later is not asked of the database."""
    dropped = "class B < ActiveRecord::Migration[7.0]\n  def change\n    add_index :loans, :gone\n  end\nend\n"
    assert ("loans", ("gone",), "") not in indexes({"db/schema.rb": SCHEMA_RB, "db/migrate/2_b.rb": dropped})
    assert ("loans", ("gone",), "") in indexes({"db/migrate/2_b.rb": dropped})


@pytest.mark.parametrize(
    "text", ["class A(models.Model:", "\0", "class A(models.Model):\n    class Meta:\n        indexes = x\n"]
)
def test_a_model_that_cannot_be_read_declares_nothing(text: str) -> None:
    assert indexes({"a/models.py": text}) == set()


@pytest.mark.parametrize(
    ("later", "text"),
    [
        ("migrations/2_b.sql", 'DROP INDEX IF EXISTS "public"."by_state";'),
        ("migrations/2_b.js", "exports.up = (k) => k.removeIndex('loans', 'by_state');"),
        ("migrations/versions/b.py", "def upgrade():\n    op.drop_index('by_state', table_name='loans')\n"),
        ("migrations/2_b.php", "Schema::table('loans', function ($table) { $table->dropIndex('by_state'); });"),
    ],
)
def test_an_index_that_a_later_migration_drops_is_not_declared(later: str, text: str) -> None:
    first = {"migrations/1_a.sql": "CREATE INDEX by_state ON loans (state);"}
    assert indexes(first) == {("loans", ("state",), "by_state")}
    assert indexes({**first, later: text}) == set()


def test_an_index_that_is_dropped_and_made_anew_or_on_the_way_back_is_declared() -> None:
    anew = "DROP INDEX IF EXISTS by_state;\nCREATE INDEX by_state ON loans (state, at);"
    back = "exports.up = (k) => k;\nexports.down = (k) => k.removeIndex('loans', 'by_state');"
    assert indexes({"migrations/1_a.sql": anew}) == {("loans", ("state", "at"), "by_state")}
    assert indexes({"migrations/1_a.sql": anew, "migrations/2_b.js": back}) == {("loans", ("state", "at"), "by_state")}
    assert indexes({"migrations/1_a.sql": "CREATE INDEX i ON loans (a);\nDROP INDEX i;"}) == set()
