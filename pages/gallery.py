"""Gallery: the named networks with published results, and where the person's own stands."""

import streamlit as st

from explorer.app.entry import through_the_entry
from explorer.app.gallery import comparisons, own_standing, plot_points, rows, table
from explorer.app.state import open_architecture, session
from explorer.app.theme import style, theme
from explorer.architecture.errors import ExplorerError
from explorer.drawing.layout import layout
from explorer.drawing.plotly_figure import CONFIG, figure
from explorer.drawing.trade_off import trade_off

COLUMNS = {
    "AP, published": st.column_config.NumberColumn(format="%.1f", help="COCO, per cent"),
    "FLOPs, published (B)": st.column_config.NumberColumn(
        format="%.2f", help="Billions of multiply-adds, as the paper counts them"
    ),
    "MACs, counted (G)": st.column_config.NumberColumn(
        format="%.2f", help="Multiply-adds of all convolutions for one image of this size"
    ),
    "Params, published (M)": st.column_config.NumberColumn(format="%.2f"),
    "Params, counted (M)": st.column_config.NumberColumn(format="%.2f"),
}

through_the_entry()
style()
desk = session().desk
listing, detail = st.columns([4, 3], gap="medium")
with listing:
    st.subheader("Networks", anchor=False)
    picked = st.dataframe(
        table(),
        height=490,
        placeholder="–",
        hide_index=True,
        column_config=COLUMNS,
        on_select="rerun",
        selection_mode="single-row",
        key="gallery-table",
        alt="The catalog: published and counted numbers of each network",
    )
    chosen = rows()[next(iter(picked["selection"]["rows"]), 2)].entry
with detail:
    st.subheader(chosen.title, anchor=False)
    st.plotly_chart(
        figure(layout(chosen.architecture, chosen.size), theme()),
        key="gallery-drawing",
        theme=None,
        height=330,
        config=CONFIG,
    )
    st.caption(f"{chosen.note} Source: {chosen.source}.")
    if st.button("Open in Explore", icon=":material/account_tree:", key="gallery-open"):
        open_architecture(chosen.architecture)
        st.switch_page("pages/explore.py")

st.subheader("AP over multiply-adds", anchor=False)
group = st.selectbox(
    "Trained by one protocol, measured on one split",
    comparisons(),
    format_func=lambda found: found.title,
    key="gallery-protocol",
    width=520,
)
try:
    own = own_standing(desk)
except ExplorerError as error:
    own = None
    st.warning(f"The network on the desk cannot be counted: {error}")
st.plotly_chart(
    trade_off(plot_points(group), own, group.title, theme()),
    key="gallery-plot",
    theme=None,
    config=CONFIG,
    alt=f"AP over multiply-adds of {len(group.results)} networks, {group.title}",
)
st.caption(
    "Published AP; multiply-adds counted here for the same image size, backbone and RetinaNet "
    "head. The dashed line is the network on the desk in Explore: nobody has trained it, so it has "
    "no AP, only a place on the axis."
)
