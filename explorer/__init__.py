"""SpineNet Explorer: see, edit and run scale-permuted networks.

`import explorer` loads neither torch, streamlit nor plotly: architectures, edits and costs work
without them.
"""

__version__ = "0.1.0"
