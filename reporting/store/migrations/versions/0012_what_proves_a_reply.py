"""what proves a reply"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

# How the replies of before say that they carried no mark of ours, or were never looked at.
UNMARKED = ('không có mã nhận dạng', 'không đọc được')
IMAGES = ('.jpg', '.jpeg', '.png', '.tif', '.tiff')
WORD = ('.doc', '.docx')


def upgrade() -> None:
    with op.batch_alter_table('raw_reply', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('is_proved', sa.Boolean(), server_default='0', nullable=False)
        )
    reply = sa.table(
        'raw_reply', sa.column('id', sa.Integer), sa.column('state', sa.String),
        sa.column('reasons', sa.JSON), sa.column('is_proved', sa.Boolean),
    )
    waiting = sa.select(reply.c.id, reply.c.reasons).where(reply.c.state == 'quarantined')
    for reply_id, reasons in op.get_bind().execute(waiting).all():
        told = json.loads(reasons) if isinstance(reasons, str) else reasons or []
        if not any(str(each).startswith(UNMARKED) for each in told):
            op.execute(reply.update().where(reply.c.id == reply_id).values(is_proved=True))
    # A picture and a text in Word were "documents", too; which of them may be signed was told by the name.
    file = sa.table('attachment', sa.column('role', sa.String), sa.column('file_name', sa.String))
    for role, endings in (('photo', IMAGES), ('word', WORD)):
        named = sa.or_(*(sa.func.lower(file.c.file_name).like(f'%{ending}') for ending in endings))
        op.execute(file.update().where(file.c.role == 'document', named).values(role=role))
