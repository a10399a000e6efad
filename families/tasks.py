"""What is tidied up at night."""

from celery import shared_task

from families import retention


@shared_task
def purge_personal_data() -> int:
    return retention.purge()
