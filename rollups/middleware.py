"""What a page of the figures asks for once, however many of its parts need it."""

from rollups.registry import reading_of_a_request


class IndicatorsMiddleware:
    """Lets a request read the indicators that the district defined once at most, and
    the next one anew."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with reading_of_a_request():
            return self.get_response(request)
