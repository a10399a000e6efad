from activities.models.activity import Activity, ActivityPartner, Series
from activities.models.photos import ActivityPhoto
from activities.models.review import ReviewRound

__all__ = ["Activity", "ActivityPartner", "ActivityPhoto", "ReviewRound", "Series"]
