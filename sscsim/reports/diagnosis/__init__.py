"""What a posterior is worth, as one page that needs nothing but itself."""

from sscsim.reports.diagnosis.page import diagnosis_page, save_diagnosis, verdict

__all__ = ["diagnosis_page", "save_diagnosis", "verdict"]
