"""How Sphinx makes the site: ``make docs``."""

import os
import re
from pathlib import Path

import mnist_lab

project = "mnist_lab"
author = "mnist_lab contributors"
version = release = mnist_lab.__version__
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx.ext.imgmath",
]

nb_execution_mode = "off"  # what stands in a notebook was saved from real MNIST
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # a page loads nothing from another host
html_math_renderer = "imgmath"  # there are no formulas: nothing is asked of it
myst_heading_anchors = 3
highlight_language = "none"
default_role = "code"  # a docstring's `name`

napoleon_google_docstring = False
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # Keras says it elsewhere
autodoc_typehints = "none"  # the docstring says more: shape, dtype, range
python_maximum_signature_line_length = 80
add_module_names = False

html_theme = "sphinx_book_theme"
html_title = "mnist_lab"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = html_show_sphinx = html_show_copyright = False
html_use_index = html_domain_indices = False  # the search finds more
html_theme_options = {
    "show_toc_level": 2,
    "max_navbar_depth": 1,
    "navbar_persistent": [],  # the search stands above the contents
    "use_download_button": False,
    "extra_footer": "MIT licence. The course, the kit and these pages are one repository.",
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_line_continuation_character = "\\"
copybutton_prompt_is_regexp = True

repository = os.environ.get("MNIST_LAB_REPOSITORY")  # such as your-name/mnist_lab
if repository:
    html_theme_options |= {
        "repository_url": f"https://github.com/{repository}",
        "repository_branch": os.environ.get("MNIST_LAB_BRANCH", "main"),
        "use_repository_button": True,
        "launch_buttons": {
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
        },
    }


# What axe-core finds in the theme: a sidebar outside every landmark, a button that is called
# otherwise than it reads, the lines of a long signature as a list of meanings without words.
MENDED = {
    'id="pst-primary-sidebar" class=': 'id="pst-primary-sidebar" role="region" '
    'aria-label="Contents of the site" class=',
    'pst-js-only" title="Search" aria-label="Search"': 'pst-js-only" title="Search"',
}
SIGNATURE = re.compile(r"<dl>\n((?:<dd>.*</dd>\n)+)</dl>")


def setup(app):  # noqa: ANN001, ANN201
    """Sphinx calls it."""
    app.connect("build-finished", mend)


def mend(app, error):  # noqa: ANN001, ANN201
    """Put right what Sphinx and the theme write into every page."""
    for page in [] if error else Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for wrong, right in MENDED.items():
            text = text.replace(wrong, right)
        text = SIGNATURE.sub(
            lambda found: re.sub(
                r"<(/?)dd>", r"<\1div>", f'<div class="sig-lines">{found[1]}</div>'
            ),
            text,
        )
        page.write_text(text, encoding="utf-8")
