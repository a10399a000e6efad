app_name = "rollups"
urlpatterns = []
