"""How many rows one answer of the API holds."""

from rest_framework import pagination


class PageNumberPagination(pagination.PageNumberPagination):
    """Give 50 rows a page, or `?page_size=` up to 500."""

    page_size_query_param = "page_size"
    max_page_size = 500
