"""What a person sees in JupyterLab, and every chart: the only room that draws."""
