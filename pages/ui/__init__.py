"""The only code besides the pages that knows Streamlit."""
