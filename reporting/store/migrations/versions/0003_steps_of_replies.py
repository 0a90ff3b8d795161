"""steps of replies"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'reply_step',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('reply_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=True),
        sa.Column('cycle_id', sa.Integer(), nullable=True),
        sa.Column('actor', sa.String(length=255), nullable=False),
        sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['cycle_id'], ['cycle.id']),
        sa.ForeignKeyConstraint(['reply_id'], ['raw_reply.id']),
        sa.ForeignKeyConstraint(['unit_id'], ['unit.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    with op.batch_alter_table('reply_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reply_step_reply_id'), ['reply_id'], unique=False)
    # What is known of the steps so far: a reply that a person decided on waited until then.
    copy = """
        INSERT INTO reply_step (reply_id, state, unit_id, cycle_id, actor, recorded_at)
        SELECT id, {state}, unit_id, cycle_id, {actor}, {at} FROM raw_reply WHERE {where} ORDER BY id
    """
    system = "'hệ thống'"
    op.execute(copy.format(
        state="'quarantined'", actor=system, at='recorded_at', where='decided_at IS NOT NULL'
    ))
    op.execute(copy.format(
        state='state', actor=f'coalesce(decided_by, {system})', at='coalesce(decided_at, recorded_at)',
        where="state <> 'stored'",
    ))
