"""Plates to print: A4, eight to a page, each with its QR code."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import path, reverse

from families import board
from families.admin.pages import FamilyPages, allowed, branch_of
from families.models import Plate, Recognition
from families.plates import PAGES_AT_ONCE, PLATES_A_PAGE, qr_of
from federation import site
from federation.months import local_today

PRINT = "families.print_plate"


class SheetPage(FamilyPages):
    def get_urls(self):
        return [
            path(
                "<int:pk>/plates/",
                self.admin_site.admin_view(self.sheet_view),
                name="families_batch_plates",
            ),
            *super().get_urls(),
        ]

    def sheet_view(self, request, pk):
        batch = self.batch_of(request, pk)
        place = board.place_of(request.user, batch, branch_of(request, PRINT))
        if place is None:
            raise Http404
        allowed(request.user, PRINT, place)
        plates = Plate.objects.visible_to(request.user, PRINT).within(place)
        in_force = Recognition.objects.filter(batch=batch).in_force(local_today())
        plates = plates.filter(recognition__in=in_force.order_by().values("pk"))
        plates = plates.select_related("recognition__branch", "recognition__household")
        plates = plates.order_by(
            "recognition__branch__path", "recognition__household__number", "pk"
        )
        page = Paginator(plates, PLATES_A_PAGE * PAGES_AT_ONCE).get_page(
            request.GET.get("page")
        )
        signs = [self._sign(request, plate) for plate in page]
        sheets = [
            signs[start : start + PLATES_A_PAGE]
            for start in range(0, len(signs), PLATES_A_PAGE)
        ]
        return render(
            request,
            "admin/families/batch/plates.html",
            {
                "batch": batch,
                "place": place,
                "sheets": sheets,
                "page": page,
                "publisher": site.site_root(),
                "today": local_today(),
            },
        )

    def _sign(self, request, plate) -> dict:
        address = reverse("families:plate", args=[plate.token])
        return {
            "row": plate.recognition,
            "level": "示范户" if plate.recognition.household else "示范村",
            "qr": qr_of(request.build_absolute_uri(address)),
        }
