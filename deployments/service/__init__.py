"""The served processes: Prefect server, worker, schedules, pages."""
